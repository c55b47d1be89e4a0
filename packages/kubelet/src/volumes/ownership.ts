import { chmod, lchown, lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Container, Pod } from '@podling/shared/api';

const readMask = 0o440;
const writeMask = 0o660;
const setGid = 0o2000;
const folderMask = setGid | 0o110;

/**
 * Gives a volume to the pod's fsGroup: everything in it belongs to the group, which may read it (and write, unless the
 * volume is read-only); folders hand the group on. Modes are only widened.
 * Not for a volume that a container writes to: it could put a link where a folder was. Upstream twin: volume `SetVolumeOwnership`.
 */
export async function giveToGroup(path: string, fsGroup: number, readOnly: boolean): Promise<void> {
  const stats = await lstat(path);
  if (stats.isDirectory()) for (const name of await readdir(path)) await giveToGroup(join(path, name), fsGroup, readOnly);
  await lchown(path, -1, fsGroup);
  if (stats.isSymbolicLink()) return;
  const mask = (readOnly ? readMask : writeMask) | (stats.isDirectory() ? folderMask : 0);
  await chmod(path, (stats.mode & 0o7777) | mask);
}

/** Lets everybody into a volume's own folder; what `giveToGroup` has made of it stays. */
export async function openToAll(path: string): Promise<void> {
  const { mode } = await lstat(path);
  await chmod(path, 0o777 | (mode & setGid));
}

/** The one user that all containers run as; none when they differ or one does not say. Upstream twin: `FsUserFrom`. */
export function fsUserOf({ spec }: Pod): number | undefined {
  const userOf = (container: Container): number | undefined => container.securityContext?.runAsUser ?? spec.securityContext?.runAsUser;
  const users = new Set([...(spec.initContainers ?? []), ...spec.containers].map(userOf));
  return users.size === 1 ? [...users][0] : undefined;
}
