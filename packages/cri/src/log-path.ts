import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { LogFolder } from './log-folder.ts';

/** How much of its logs a container keeps: files of one size, the one being written among them. */
export interface LogLimits {
  /** A file is ended at the first line end past this size. Infinity: never. */
  maxBytes: number;
  /** At least 2. */
  maxFiles: number;
}

/** Kubernetes' defaults. */
export const defaultLogLimits: Readonly<LogLimits> = { maxBytes: 10 * 1024 * 1024, maxFiles: 5 };

/** `index` 0 is the file being written, 1 the one before it. */
export function rotatedLogPath(logPath: string, index: number): string {
  return index === 0 ? logPath : `${logPath}.${index}`;
}

/** What a kubelet that rotates logs itself puts behind their names. */
const timeSuffix = /^\d{8}-\d{6}$/;

/**
 * The files that hold a container's log, oldest first, as they were rotated by the runtime (`0.log.2`) or by a kubelet
 * (`0.log.20260102-030405`). Compressed ones are left out. No link is followed to the folder.
 */
export function logFilePaths(logPath: string): string[] {
  const name = basename(logPath);
  const names = namesBeside(logPath);
  const suffixes = names.filter((other) => other.startsWith(`${name}.`)).map((other) => other.slice(name.length + 1));
  const byTime = suffixes.filter((suffix) => timeSuffix.test(suffix)).sort();
  const byAge = suffixes.filter((suffix) => /^[1-9]\d*$/.test(suffix)).sort((a, b) => Number(b) - Number(a));
  const rotated = [...byTime, ...byAge].map((suffix) => `${name}.${suffix}`);
  return [...rotated, ...(names.includes(name) ? [name] : [])].map((file) => join(dirname(logPath), file));
}

function namesBeside(logPath: string): string[] {
  let folder: LogFolder | undefined;
  try {
    folder = LogFolder.of(logPath);
    return readdirSync(folder.path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  } finally {
    folder?.close();
  }
}
