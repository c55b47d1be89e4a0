import { describe, expect, it } from 'vitest';
import { ageOf, humanDuration } from './age.ts';

describe('humanDuration', () => {
  it.each([
    [-5, '<invalid>'], [-0.5, '0s'], [0, '0s'], [119, '119s'], [120, '2m'], [185, '3m5s'], [600, '10m'], [10_799, '179m'], [10_800, '3h'],
    [11_100, '3h5m'], [86_400, '24h'], [172_800, '2d'], [180_000, '2d2h'], [691_200, '8d'], [63_072_000, '2y'], [66_000_000, '2y33d'], [300_000_000, '9y'],
  ])('writes %d seconds as %s', (seconds, text) => {
    expect(humanDuration(seconds)).toBe(text);
  });

  it('does not know the age of what has no time', () => {
    expect(ageOf(undefined, 0)).toBe('<unknown>');
    expect(ageOf('2026-01-01T00:00:00Z', Date.parse('2026-01-01T00:01:30Z'))).toBe('90s');
  });
});
