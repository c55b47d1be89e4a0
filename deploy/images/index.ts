export { ensureImages, MissingImageSourceError } from './ensure-images.ts';
export type { ImageArchive } from './ensure-images.ts';
export { ociArchive } from './oci-archive.ts';
export type { ImageContent } from './oci-archive.ts';
export type { TarEntry } from './tar-archive.ts';
