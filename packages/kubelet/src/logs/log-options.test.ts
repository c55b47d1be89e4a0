import { describe, expect, it } from 'vitest';
import { flag, parseLogOptions } from './log-options.ts';

const nowMs = Date.parse('2026-01-01T00:01:00Z');
const parse = (query: string) => parseLogOptions(new URLSearchParams(query), nowMs);

describe('the options of a log', () => {
  it.each([
    ['', {}],
    ['timestamps=true&tailLines=0&limitBytes=1', { timestamps: true, tailLines: 0, limitBytes: 1 }],
    ['sinceSeconds=60', { sinceMs: Date.parse('2026-01-01T00:00:00Z') }],
    ['sinceTime=2026-01-01T01:00:00.5%2B01:00', { sinceMs: Date.parse('2026-01-01T00:00:00.5Z') }],
    ['sinceTime=&sinceSeconds=&tailLines=', {}],
  ])('are read from %s', (query, expected) => {
    expect(parse(query)).toEqual({ timestamps: false, ...expected });
  });

  it.each(['follow', 'follow=', 'follow=1', 'follow=yes', 'follow=TRUE'])('are on as in %s', (query) => {
    expect(flag(new URLSearchParams(query), 'follow')).toBe(true);
  });

  it.each(['', 'follow=0', 'follow=False'])('are off as in %j', (query) => {
    expect(flag(new URLSearchParams(query), 'follow')).toBe(false);
  });

  it.each([
    ['tailLines=-1', 422, 'tailLines: Invalid value: -1: must be greater than or equal to 0'],
    ['limitBytes=0', 422, 'limitBytes: Invalid value: 0: must be greater than 0'],
    ['sinceSeconds=0', 422, 'sinceSeconds: Invalid value: 0: must be greater than 0'],
    ['sinceSeconds=1&sinceTime=2026-01-01T00:00:00Z', 422, 'at most one of `sinceTime` or `sinceSeconds` may be specified'],
    ['stream=Stdout', 422, 'stream: Forbidden: may not be specified'],
    ['tailLines=1e3', 400, 'tailLines: "1e3" is not a number'],
    ['limitBytes=99999999999999999999', 400, 'limitBytes: "99999999999999999999" is not a number'],
    ['sinceTime=2026', 400, 'sinceTime: "2026" is not an RFC 3339 time'],
    ['sinceTime=2026-13-01T00:00:00Z', 400, 'sinceTime: "2026-13-01T00:00:00Z" is not an RFC 3339 time'],
  ])('refuse %s', (query, code, message) => {
    expect(() => parse(query)).toThrow(expect.objectContaining({ code, message }) as Error);
  });
});
