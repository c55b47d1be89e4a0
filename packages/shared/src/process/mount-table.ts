import { readFileSync } from 'node:fs';

/** One line of mountinfo, proc(5). */
export interface MountPoint {
  path: string;
  fileSystem: string;
  /** What is mounted below it is seen in its other copies. */
  shared: boolean;
  /** It sees what is mounted in the copy that it was made from. */
  slave: boolean;
}

/** What is mounted where, of this process, by the kernel's own table. */
export function readMountTable(): MountPoint[] {
  return parseMountInfo(readFileSync('/proc/self/mountinfo', 'utf8'));
}

/** Optional fields stand between the sixth and a lone hyphen; blanks and backslashes in paths are octal escapes. */
export function parseMountInfo(text: string): MountPoint[] {
  return text.trimEnd().split('\n').map((line) => {
    const fields = line.split(' ');
    const end = fields.indexOf('-', 6);
    const optional = fields.slice(6, end);
    const has = (name: string): boolean => optional.some((field) => field.startsWith(`${name}:`));
    const path = (fields[4] ?? '').replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
    return { path, fileSystem: fields[end + 1] ?? '', shared: has('shared'), slave: has('master') };
  });
}

export function isMountPoint(path: string, table: readonly MountPoint[] = readMountTable()): boolean {
  return table.some((point) => point.path === path);
}

/** Mount points at `folder` and below it, innermost first. */
export function mountPointsBelow(folder: string, table: readonly MountPoint[] = readMountTable()): string[] {
  return table.map(({ path }) => path).filter((path) => isWithin(path, folder)).reverse();
}

/** Where the file system of a path is mounted: the longest path, and of equal ones the last, which lies over the others. */
export function mountPointOf(path: string, table: readonly MountPoint[] = readMountTable()): MountPoint | undefined {
  return table.filter((point) => point.path === '/' || isWithin(path, point.path)).toSorted((left, right) => left.path.length - right.path.length).at(-1);
}

const isWithin = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);
