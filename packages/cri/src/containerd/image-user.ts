import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CriError } from '../cri.ts';
import type { ContainerSecurityContext } from '../cri.ts';
import type { SnapshotMount } from './containerd-types.ts';
import type { OciUser } from './oci-spec.ts';

/** Who runs the process: `runAsUser`, else the image's USER, whose names are looked up in the image's own files. */
export function processUser(imageUser: string, context: ContainerSecurityContext | undefined, readImageFile: (path: string) => string): OciUser {
  const [name = '', group = ''] = imageUser.split(':');
  const asked = context?.runAsUser === undefined ? name : String(context.runAsUser);
  const entry = lookUp(asked, () => readImageFile('/etc/passwd'), [0, 2]);
  const uid = entry === undefined ? number(asked || '0', 'user') : Number(entry[2]);
  const gid = context?.runAsGroup ?? groupId(context?.runAsUser === undefined ? group : '', entry, readImageFile);
  const groups = context?.supplementalGroups ?? [];
  return { uid, gid, ...(groups.length === 0 ? {} : { additionalGids: groups }) };
}

function groupId(group: string, entry: string[] | undefined, readImageFile: (path: string) => string): number {
  if (group === '') return Number(entry?.[3] ?? 0);
  const found = lookUp(group, () => readImageFile('/etc/group'), [0]);
  return found === undefined ? number(group, 'group') : Number(found[2]);
}

function lookUp(wanted: string, read: () => string, columns: number[]): string[] | undefined {
  if (wanted === '' || wanted === '0') return undefined;
  const entries = read().split('\n').map((line) => line.split(':'));
  return entries.find((fields) => columns.some((column) => fields[column] === wanted));
}

function number(text: string, kind: string): number {
  if (!/^[0-9]+$/.test(text)) throw new CriError('InvalidArgument', `no such ${kind} in the image: ${text}`);
  return Number(text);
}

/** Reads a file of a prepared snapshot in its layers, the upper one first: no mount is needed. '' when no layer has it. */
export function snapshotFile(mounts: readonly SnapshotMount[], path: string): string {
  for (const layer of mounts.flatMap(layersOf)) {
    try {
      return readFileSync(join(layer, path), 'utf8');
    } catch {
      // The next layer may have it.
    }
  }
  return '';
}

function layersOf(mount: SnapshotMount): string[] {
  if (mount.type === 'bind') return [mount.source];
  const value = (name: string): string | undefined => mount.options.find((option) => option.startsWith(`${name}=`))?.slice(name.length + 1);
  return [value('upperdir') ?? '', ...(value('lowerdir') ?? '').split(':')].filter((folder) => folder !== '');
}
