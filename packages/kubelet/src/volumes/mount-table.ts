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

/** Whether what is mounted below a folder is seen in its other copies too (`shared` in mountinfo). */
export async function isShared(folder: string): Promise<boolean> {
  const lines = (await readFile('/proc/self/mountinfo', 'utf8')).trimEnd().split('\n');
  const holding = lines.map((line, index) => ({ line, index, point: mountPoints(line)[0] ?? '' }))
    .filter(({ point }) => point === '/' || folder === point || folder.startsWith(`${point}/`));
  // The longest path, and of equal ones the last, which lies over the others.
  const { line = '' } = holding.toSorted((a, b) => a.point.length - b.point.length || a.index - b.index).at(-1) ?? {};
  return / shared:\d+ .*- /.test(line);
}

/** Fifth column of mountinfo; blanks and backslashes in it are octal escapes. */
export function mountPoints(mountinfo: string): string[] {
  return mountinfo
    .split('\n')
    .map((line) => line.split(' ')[4])
    .filter((field) => field !== undefined)
    .map((field) => field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))));
}
