import { describe, expect, it } from 'vitest';
import { expand, ExpansionRoom } from './expansion.ts';

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

  it('fails where all texts of a process together are longer than the kernel takes', () => {
    const [long, room] = ['x'.repeat(1024 * 1024), new ExpansionRoom()];
    for (let count = 0; count < 6; count += 1) expect(expand('$(L)', () => long, room)).toBe(long);
    expect(() => expand('$(L)', () => long, room)).toThrow('argument list too long');
    expect(() => expand('$(L)'.repeat(100_000), () => long)).toThrow('argument list too long');
  });
});
