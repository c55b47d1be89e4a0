/** The one whose snapshots containers are made of. */
export const SNAPSHOTTER = 'overlayfs';
