import { describe, expect, it } from 'vitest';
import { isNear } from './edit-distance.ts';

describe('isNear', () => {
  it.each([['ge', 'get'], ['gte', 'get'], ['GET', 'get'], ['nope', 'top'], ['desc', 'describe'], ['pods', 'logs']])('%s may mean %s', (word, name) => {
    expect(isNear(word, name)).toBe(true);
  });

  it.each([['fly', 'get'], ['describing', 'describe'], ['x'.repeat(100_000), 'get']])('%.10s does not mean %s', (word, name) => {
    expect(isNear(word, name)).toBe(false);
  });
});
