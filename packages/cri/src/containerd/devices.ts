import { lstatSync, readdirSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { join } from 'node:path';

/** OCI `linux.devices`. */
export interface OciDevice {
  path: string;
  type: 'b' | 'c';
  major: number;
  minor: number;
  fileMode: number;
  uid: number;
  gid: number;
}

/** What a container has of its own there. */
const ownFolders = new Set(['pts', 'shm', 'fd', 'mqueue', '.lxc', '.lxd-mounts', '.udev']);

/** Every device of the node, for a privileged container. Links are not followed. */
export function nodeDevices(folder = '/dev'): OciDevice[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats?.isDirectory()) return ownFolders.has(name) ? [] : nodeDevices(path);
    return stats === undefined || name === 'console' ? [] : deviceOf(path, stats);
  });
}

function deviceOf(path: string, stats: Stats): OciDevice[] {
  if (!stats.isBlockDevice() && !stats.isCharacterDevice()) return [];
  const device = BigInt(stats.rdev);
  return [{
    path,
    type: stats.isBlockDevice() ? 'b' : 'c',
    major: Number(((device >> 8n) & 0xfffn) | ((device >> 32n) & ~0xfffn)),
    minor: Number((device & 0xffn) | ((device >> 12n) & 0xffffff00n)),
    fileMode: stats.mode & 0o7777,
    uid: stats.uid,
    gid: stats.gid,
  }];
}
