/** What of a log is wanted; Kubernetes' PodLogOptions. */
export interface LogOptions {
  follow: boolean;
  timestamps: boolean;
  /** Milliseconds since the epoch. */
  sinceMs?: number;
  tailLines?: number;
  limitBytes?: number;
}

/** A parameter makes no sense; the message names it. */
export class LogOptionsError extends Error {
  override readonly name = 'LogOptionsError';
}

/** Reads the query of a log request. */
export function parseLogOptions(query: URLSearchParams, nowMs: number): LogOptions {
  const sinceMs = sinceOf(query, nowMs);
  const tailLines = count(query, 'tailLines', 0);
  const limitBytes = count(query, 'limitBytes', 1);
  return {
    follow: flag(query, 'follow'),
    timestamps: flag(query, 'timestamps'),
    ...(sinceMs === undefined ? {} : { sinceMs }),
    ...(tailLines === undefined ? {} : { tailLines }),
    ...(limitBytes === undefined ? {} : { limitBytes }),
  };
}

export function flag(query: URLSearchParams, name: string): boolean {
  return ['true', '1', ''].includes(query.get(name) ?? 'false');
}

function sinceOf(query: URLSearchParams, nowMs: number): number | undefined {
  const seconds = count(query, 'sinceSeconds', 1);
  const time = query.get('sinceTime');
  if (seconds !== undefined && time) throw new LogOptionsError('at most one of `sinceTime` or `sinceSeconds` may be specified');
  if (seconds !== undefined) return nowMs - seconds * 1000;
  if (!time) return undefined;
  const parsed = Date.parse(time);
  if (Number.isNaN(parsed)) throw new LogOptionsError(`sinceTime: Invalid value: "${time}"`);
  return parsed;
}

function count(query: URLSearchParams, name: string, least: number): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least) {
    throw new LogOptionsError(`${name}: Invalid value: ${text}: must be greater than ${least === 0 ? 'or equal to 0' : '0'}`);
  }
  return value;
}
