import { realpath } from 'node:fs/promises';
import { isMountPoint, mountPointOf, mountPointsBelow } from '@podling/shared/process';

export type Exec = (file: string, args: readonly string[]) => Promise<void>;

/** What volumes need of the kernel. */
export interface Mounter {
  /**
   * Puts a tmpfs on an existing folder; `sizeBytes` 0: the kernel's own limit. What is mounted there stays. Resolves to
   * whether it was mounted now.
   */
  mountTmpfs(path: string, sizeBytes: bigint): Promise<boolean>;
  /**
   * Shows what this process has open under `fd` at `target` too, a folder or file that is there: the thing itself,
   * wherever its path leads by now. Resolves to whether it was.
   */
  bind(fd: number, target: string): Promise<boolean>;
  /** Makes mounts below a folder seen in all its copies, as `mountPropagation` needs it. */
  makeShared(folder: string): Promise<void>;
  /** Unmounts what is mounted at the folder and below. */
  unmountBelow(folder: string): Promise<void>;
}

/** A container may have mounted more than fits into one command line. */
const unmountedAtOnce = 100;

export function createMounter(exec: Exec): Mounter {
  return {
    mountTmpfs: async (path, sizeBytes) => {
      if (isMountPoint(path)) return false;
      const options = sizeBytes > 0n ? ['-o', `size=${sizeBytes}`] : [];
      await exec('mount', ['-t', 'tmpfs', ...options, 'tmpfs', path]);
      return true;
    },
    bind: async (fd, target) => {
      // Not canonicalized: mount(8) would take the path for the thing.
      await exec('mount', ['--no-canonicalize', '--bind', `/proc/${process.pid}/fd/${fd}`, target]);
      return true;
    },
    makeShared: async (folder) => {
      const path = await realpath(folder);
      if (mountPointOf(path)?.shared) return;
      await exec('mount', ['--rbind', path, path]);
      await exec('mount', ['--make-rshared', path]);
    },
    unmountBelow: async (folder) => {
      for (let points = mountPointsBelow(folder); points.length > 0;) {
        const failure = await exec('umount', points.slice(0, unmountedAtOnce)).then(() => undefined, (error: Error) => error);
        const left = mountPointsBelow(folder);
        // Some go with others that are copies of them: as long as there are fewer, it goes on.
        if (left.length >= points.length) throw failure ?? new Error(`what is mounted below ${folder} comes back`);
        points = left;
      }
    },
  };
}

/** For nodes without containers: nothing is mounted, folders do. */
export const noMounter: Mounter = {
  mountTmpfs: () => Promise.resolve(false),
  bind: () => Promise.resolve(false),
  makeShared: () => Promise.resolve(),
  unmountBelow: () => Promise.resolve(),
};
