import { isMountPoint, mountPointsBelow } from './mount-table.ts';

export type Exec = (file: string, args: readonly string[]) => Promise<void>;

/** What volumes need of the kernel. */
export interface Mounter {
  /**
   * Puts a tmpfs on an existing folder; `sizeBytes` 0: the kernel's own limit. What is mounted there stays. Resolves to
   * whether it was mounted now.
   */
  mountTmpfs(path: string, sizeBytes: bigint): Promise<boolean>;
  /** Unmounts what is mounted at the folder and below. */
  unmountBelow(folder: string): Promise<void>;
}

export function createMounter(exec: Exec): Mounter {
  return {
    mountTmpfs: async (path, sizeBytes) => {
      if (await isMountPoint(path)) return false;
      const options = sizeBytes > 0n ? ['-o', `size=${sizeBytes}`] : [];
      await exec('mount', ['-t', 'tmpfs', ...options, 'tmpfs', path]);
      return true;
    },
    unmountBelow: async (folder) => {
      const points = await mountPointsBelow(folder);
      if (points.length > 0) await exec('umount', points);
    },
  };
}

/** For nodes without containers: nothing is mounted, folders do. */
export const noMounter: Mounter = { mountTmpfs: () => Promise.resolve(false), unmountBelow: () => Promise.resolve() };
