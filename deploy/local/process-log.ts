import { readFileSync, statSync } from 'node:fs';

/** How much a log holds by now: what comes behind is of the next start. */
export function logSize(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** The last lines that a log has got behind its first `from` bytes. Errors in JSON lines come without their stacks. */
export function logTail(path: string, { from = 0, lines = 20 }: { from?: number; lines?: number } = {}): string {
  const last = logLines(path, from).slice(-lines);
  if (last.length === 0) return `--- ${path} is empty`;
  return [`--- end of ${path}`, ...last.map((line) => withoutStacks(line).slice(0, 500))].join('\n');
}

/** What went wrong in the process's own words: the last error in its JSON lines behind `from`, if there is one. */
export function lastError(path: string, from: number): string | undefined {
  const failed = logLines(path, from).map(entryOf).findLast((entry) => Number(entry?.['level']) >= errorLevel);
  const error = failed?.['err'] as { message?: unknown } | undefined;
  const text = error?.message ?? failed?.['msg'];
  return typeof text === 'string' ? text : undefined;
}

/** Pino's. */
const errorLevel = 50;

function logLines(path: string, from: number): string[] {
  try {
    return readFileSync(path).subarray(from).toString().split('\n').filter((line) => line !== '');
  } catch {
    return [];
  }
}

function entryOf(line: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(line) as unknown;
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function withoutStacks(line: string): string {
  const entry = entryOf(line);
  return entry === undefined ? line : JSON.stringify(entry, (key, value: unknown) => (key === 'stack' ? undefined : value));
}
