import { logFilePaths } from '../log-path.ts';
import { LogFile, presentFile } from './log-file.ts';

/** A line's time is taken before it is written; the file system's clock is a coarse one. */
const clockSlackMs = 1_000;

/** Opens all files of a log, oldest first. A rotation in the middle shifts the names: then once more. */
export async function openLogFiles(path: string): Promise<LogFile[]> {
  for (let attempt = 0; ; attempt += 1) {
    const files = await openAll(path);
    const consistent = files.length === 0 || files.at(-1)?.inode === (await presentFile(path)).inode;
    if (consistent || attempt === 3) return files;
    await closeAll(files);
  }
}

/** The files that came after the one with this inode; all, when it is gone. */
export async function openLogFilesAfter(path: string, inode: number): Promise<LogFile[]> {
  const files = await openLogFiles(path);
  const known = files.findIndex((file) => file.inode === inode);
  await closeAll(files.slice(0, known + 1));
  return files.slice(known + 1);
}

/** Positions the files so that `wanted` lines remain; files before them are closed and left out. */
export async function seekTail(files: LogFile[], wanted: number): Promise<LogFile[]> {
  // They begin behind the end of the one before them.
  let missing = wanted + 1;
  for (let index = files.length - 1; index >= 0; index -= 1) {
    missing -= (await files[index]?.seekBack(missing, missing === wanted + 1)) ?? 0;
    if (missing === 0) return leaveOut(files, index);
  }
  return files;
}

/** Without the files that were written last before that time. */
export async function skipOld(files: LogFile[], sinceMs: number): Promise<LogFile[]> {
  const first = files.findIndex(({ modifiedMs }) => modifiedMs + clockSlackMs >= sinceMs);
  return leaveOut(files, first < 0 ? Math.max(files.length - 1, 0) : first);
}

export async function closeAll(files: readonly LogFile[]): Promise<void> {
  for (const file of files) await file.close();
}

async function leaveOut(files: LogFile[], count: number): Promise<LogFile[]> {
  await closeAll(files.slice(0, count));
  return files.slice(count);
}

async function openAll(path: string): Promise<LogFile[]> {
  const files: LogFile[] = [];
  for (const candidate of logFilePaths(path)) {
    const file = await LogFile.open(candidate);
    if (file && files.some(({ inode }) => inode === file.inode)) await file.close();
    else if (file) files.push(file);
  }
  return files;
}
