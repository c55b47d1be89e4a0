import { expect, it } from 'vitest';
import { formatDuration } from './format-duration.ts';

it.each([
  [1_500, '1.5s'],
  [59_999, '59.999s'],
  [180_000, '3m0s'],
  [182_500, '3m2.5s'],
  [3_723_004, '1h2m3.004s'],
])('duration of %i ms is %s', (ms, text) => expect(formatDuration(ms)).toBe(text));
