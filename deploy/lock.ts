import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { identify, isRunning } from './process-identity.ts';
import type { ProcessIdentity } from './process-identity.ts';
import { waitUntil } from './wait-until.ts';

interface LockOptions {
  timeoutMs?: number;
  /** Called once when another process holds the lock. */
  onWait?: (holder: number) => void;
}

/** Runs `action` while this process alone holds the lock file. A lock whose process has died is taken over. */
export async function withLock<T>(path: string, action: () => Promise<T>, options: LockOptions = {}): Promise<T> {
  const { timeoutMs = 15 * 60_000, onWait } = options;
  mkdirSync(dirname(path), { recursive: true });
  let told = false;
  await waitUntil(`lock ${path}`, () => {
    const holder = tryLock(path);
    if (holder && !told) onWait?.(holder.pid);
    told ||= holder !== undefined;
    return holder === undefined;
  }, { timeoutMs });
  try {
    return await action();
  } finally {
    rmSync(path, { force: true });
  }
}

/** Takes the lock and returns undefined, or returns who holds it. */
function tryLock(path: string): ProcessIdentity | undefined {
  try {
    writeFileSync(path, JSON.stringify(identify(process.pid)), { flag: 'wx' });
    return undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const holder = readHolder(path);
  if (holder && isRunning(holder)) return holder;
  rmSync(path, { force: true });
  return holder ?? { pid: 0, startTime: '' };
}

function readHolder(path: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ProcessIdentity;
  } catch {
    return undefined;
  }
}
