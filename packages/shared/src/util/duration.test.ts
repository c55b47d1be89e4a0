import { describe, expect, it } from 'vitest';
import { formatDurationMs, parseDurationMs } from './duration.ts';

describe('parseDurationMs', () => {
  it.each([
    ['50s', 50_000],
    ['1m30s', 90_000],
    ['500ms', 500],
    ['1.5h', 5_400_000],
    ['250us', 0.25],
    ['250\u00b5s', 0.25],
    ['250\u03bcs', 0.25],
    ['+1m.5s', 60_500],
    ['2.s', 2_000],
    ['0', 0],
  ])('reads %s', (text, expected) => expect(parseDurationMs(text)).toBe(expected));

  it.each(['', '5', '-1s', '1d', '1s2', 's', '.s', '1..5s', '+'])('refuses %j', (text) => {
    expect(() => parseDurationMs(text)).toThrow('invalid duration');
  });
});

describe('formatDurationMs', () => {
  it.each([
    [0, '0s'],
    [350, '350ms'],
    [1_000, '1s'],
    [1_234, '1.234s'],
    [60_000, '1m0s'],
    [120_001, '2m0.001s'],
    [3_600_000, '1h0m0s'],
    [5_430_500, '1h30m30.5s'],
  ])('writes %d as %s', (ms, text) => {
    expect(formatDurationMs(ms)).toBe(text);
    expect(parseDurationMs(text)).toBe(ms);
  });

  it('leaves out parts of a millisecond', () => {
    expect([0.4, 12.9, 1_234.567].map(formatDurationMs)).toEqual(['0s', '12ms', '1.234s']);
  });
});
