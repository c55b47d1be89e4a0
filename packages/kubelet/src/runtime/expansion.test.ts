import { describe, expect, it } from 'vitest';
import { expand } from './expansion.ts';

const values: Record<string, string> = { A: 'a', EMPTY: '', 'X-Y': 'z' };

describe('expand', () => {
  it.each([
    ['$(A)', 'a'],
    ['pre-$(A)-post', 'pre-a-post'],
    ['$(A)$(A)', 'aa'],
    ['$(EMPTY)', ''],
    ['$(X-Y)', 'z'],
    ['$(NOPE)', '$(NOPE)'],
    ['$$(A)', '$(A)'],
    ['$$$(A)', '$a'],
    ['$A', '$A'],
    ['$(A', '$(A'],
    ['$', '$'],
    ['', ''],
  ])('turns %s into %s', (input, expected) => {
    expect(expand(input, (name) => values[name])).toBe(expected);
  });
});
