import { readFile } from 'node:fs/promises';

/** Whether something is mounted at just this path, by the kernel's own table. */
export async function isMountPoint(path: string): Promise<boolean> {
  const table = await readFile('/proc/self/mountinfo', 'utf8');
  return mountPoints(table).includes(path);
}

/** Mount points at `folder` and below it, innermost first, by the kernel's own table. */
export async function mountPointsBelow(folder: string): Promise<string[]> {
  const table = await readFile('/proc/self/mountinfo', 'utf8');
  return mountPoints(table).filter((point) => point === folder || point.startsWith(`${folder}/`)).reverse();
}

/** Fifth column of mountinfo; blanks and backslashes in it are octal escapes. */
export function mountPoints(mountinfo: string): string[] {
  return mountinfo
    .split('\n')
    .map((line) => line.split(' ')[4])
    .filter((field) => field !== undefined)
    .map((field) => field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))));
}
