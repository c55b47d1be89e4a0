import { CriError } from '../cri.ts';
import type { ContainerSecurityContext } from '../cri.ts';
import type { AccountFiles } from './image-files.ts';

/** OCI `process.user`. The additional groups begin with the process' own, as containerd has it. */
export interface OciUser {
  uid: number;
  gid: number;
  additionalGids: number[];
}

/** runc takes no larger id. */
const MAX_ID = 2 ** 31 - 1;

/** Who runs the process: `runAsUser`, `runAsUsername`, else the image's USER; names are looked up in the image's own files. */
export function processUser(imageUser: string, context: ContainerSecurityContext = {}, files: AccountFiles): OciUser {
  const [name = '', group = ''] = (context.runAsUsername ?? imageUser).split(':');
  const asked = context.runAsUser === undefined ? name || '0' : String(context.runAsUser);
  const entry = accountOf(asked, files.passwd);
  const uid = entry === undefined ? id(asked, 'user') : id(entry[2], 'user');
  const gid = context.runAsGroup ?? groupId(context.runAsUser === undefined ? group : '', entry, files);
  const merged = context.supplementalGroupsPolicy === 'Strict' ? [] : groupsOf(entry?.[0] ?? '', files.group);
  const further = [...merged, ...(context.supplementalGroups ?? [])].filter((other) => other !== gid);
  return { uid, gid: id(String(gid), 'group'), additionalGids: [...new Set([gid, ...further])] };
}

function groupId(group: string, entry: string[] | undefined, files: AccountFiles): number {
  if (group === '') return entry === undefined ? 0 : id(entry[3], 'group');
  const found = accountOf(group, files.group);
  return found === undefined ? id(group, 'group') : id(found[2], 'group');
}

/** By number, or by name. */
function accountOf(wanted: string, file: string): string[] | undefined {
  const column = /^[0-9]+$/.test(wanted) ? 2 : 0;
  return entries(file).find((fields) => fields.length > 2 && fields[column] === wanted);
}

/** The groups that list the user, but for the one of its own name. */
function groupsOf(user: string, file: string): number[] {
  if (user === '') return [];
  const lists = ([name, , , members = '']: string[]): boolean => name !== user && members.split(',').includes(user);
  return entries(file).filter(lists).map((fields) => id(fields[2], 'group'));
}

function entries(file: string): string[][] {
  return file.split('\n').map((line) => line.trim().split(':'));
}

function id(text: string | undefined, kind: string): number {
  if (text === undefined || !/^[0-9]+$/.test(text)) throw new CriError('InvalidArgument', `no such ${kind} in the image: ${(text ?? '').slice(0, 64)}`);
  const number = Number(text);
  if (number > MAX_ID) throw new CriError('InvalidArgument', `${kind} id ${text.slice(0, 64)} is not between 0 and ${MAX_ID}`);
  return number;
}
