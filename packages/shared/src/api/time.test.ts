import { describe, expect, it } from 'vitest';
import { canonicalTime, timeOf } from './time.ts';

describe('time', () => {
  it.each([
    ['2026-01-02T03:04:05Z', '2026-01-02T03:04:05Z', '2026-01-02T03:04:05.000000Z'],
    ['2026-01-02T03:04:05.1234567Z', '2026-01-02T03:04:05Z', '2026-01-02T03:04:05.123456Z'],
    ['2026-01-02T03:04:05.5+02:00', '2026-01-02T01:04:05Z', '2026-01-02T01:04:05.500000Z'],
    ['2025-12-31T23:30:00-01:00', '2026-01-01T00:30:00Z', '2026-01-01T00:30:00.000000Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000000Z'],
  ])('%s is %s, or %s with microseconds', (text, seconds, micro) => {
    expect(canonicalTime(text, 'second')).toBe(seconds);
    expect(canonicalTime(text, 'micro')).toBe(micro);
    expect(timeOf(text)).toBe(Date.parse(text));
  });

  it.each(['', 'now', '2026-01-02', '2026-01-02 03:04:05Z', '2026-02-30T00:00:00Z', '2026-01-02T24:00:00Z', '2026-01-02T03:04:05', '2026-13-01T00:00:00Z', '2026-01-02T03:04:05z', '2026-01-02T03:04:05Z\n'])(
    '%j is no time', (text) => {
      expect(canonicalTime(text, 'second')).toBeUndefined();
      expect(timeOf(text)).toBeUndefined();
    },
  );
});
