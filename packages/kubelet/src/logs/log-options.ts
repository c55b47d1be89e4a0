import type { LogOptions } from '@podling/cri/logs';
import { timeOf } from '@podling/shared/api';

/** A parameter makes no sense; the message names it. */
export class LogOptionsError extends Error {
  override readonly name = 'LogOptionsError';
  /** The HTTP status: 400 for what cannot be read, 422 for what may not be. */
  readonly code: 400 | 422;

  constructor(code: 400 | 422, message: string) {
    super(message);
    this.code = code;
  }
}

/** Reads the query of a log request. */
export function parseLogOptions(query: URLSearchParams, nowMs: number): LogOptions {
  const sinceMs = sinceOf(query, nowMs);
  const tailLines = count(query, 'tailLines', 0);
  const limitBytes = count(query, 'limitBytes', 1);
  if (query.get('stream')) throw new LogOptionsError(422, 'stream: Forbidden: may not be specified');
  return {
    timestamps: flag(query, 'timestamps'),
    ...(sinceMs === undefined ? {} : { sinceMs }),
    ...(tailLines === undefined ? {} : { tailLines }),
    ...(limitBytes === undefined ? {} : { limitBytes }),
  };
}

/** As Kubernetes reads a flag of a query: everything but `0` and `false` is true. */
export function flag(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  return value !== null && value !== '0' && value.toLowerCase() !== 'false';
}

function sinceOf(query: URLSearchParams, nowMs: number): number | undefined {
  const seconds = count(query, 'sinceSeconds', 1);
  const time = query.get('sinceTime');
  if (seconds !== undefined && time) throw new LogOptionsError(422, 'at most one of `sinceTime` or `sinceSeconds` may be specified');
  if (seconds !== undefined) return nowMs - seconds * 1000;
  if (!time) return undefined;
  const parsed = timeOf(time);
  if (parsed === undefined) throw new LogOptionsError(400, `sinceTime: ${JSON.stringify(time)} is not an RFC 3339 time`);
  return parsed;
}

function count(query: URLSearchParams, name: string, least: number): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  const value = /^-?\d{1,15}$/.test(text) ? Number(text) : undefined;
  if (value === undefined) throw new LogOptionsError(400, `${name}: ${JSON.stringify(text)} is not a number`);
  if (value < least) throw new LogOptionsError(422, `${name}: Invalid value: ${value}: must be greater than ${least === 0 ? 'or equal to 0' : '0'}`);
  return value;
}
