import { createHash, randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { identify, isRunning } from '@podling/shared/process';
import type { ProcessIdentity } from '@podling/shared/process';
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

const unknownHolder: ProcessIdentity = { pid: 0, startTime: '' };

/** Takes the lock and returns undefined, or returns who holds it. */
function tryLock(path: string): ProcessIdentity | undefined {
  if (place(path, linkIfFree)) return undefined;
  const text = readText(path);
  const holder = parseHolder(text);
  if (text === undefined || (holder && isRunning(holder))) return holder ?? unknownHolder;
  return takeOver(path, text) ? undefined : (holder ?? unknownHolder);
}

/**
 * Only who holds the claim on a dead lock may replace it, and only while it still says the same: whoever else judged it
 * dead as well finds the claim held or the lock changed. A claim is a lock itself, so that a dead claim is taken over too.
 */
function takeOver(path: string, dead: string): boolean {
  const claim = claimOn(path, dead);
  if (tryLock(claim)) return false;
  try {
    return readText(path) === dead && place(path, renameOver);
  } finally {
    rmSync(claim, { force: true });
  }
}

/** Where the right to replace the lock that says `dead` is taken. */
export function claimOn(path: string, dead: string): string {
  return `${path}.${createHash('sha256').update(dead).digest('hex').slice(0, 8)}`;
}

/** Puts a lock of this process at `path`, with its content from the first moment on. */
function place(path: string, put: (from: string, to: string) => boolean): boolean {
  const temporary = `${path}.${randomUUID()}`;
  writeFileSync(temporary, JSON.stringify(identify(process.pid)));
  try {
    return put(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
}

function linkIfFree(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}

function renameOver(from: string, to: string): boolean {
  renameSync(from, to);
  return true;
}

function parseHolder(text: string | undefined): ProcessIdentity | undefined {
  try {
    return JSON.parse(text ?? '') as ProcessIdentity;
  } catch {
    return undefined;
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
