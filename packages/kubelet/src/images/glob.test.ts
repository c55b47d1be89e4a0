import { describe, expect, it } from 'vitest';
import { globMatches } from './glob.ts';

describe('glob', () => {
  it.each([
    ['', '', true], ['', 'a', false], ['*', '', true], ['*', 'web', true], ['w*b', 'web', true], ['w*b', 'wb', true], ['w*b', 'webs', false],
    ['*a*b', 'xaybab', true], ['*ab', 'aab', true], ['?', '', false], ['w?b', 'web', true], ['??', 'web', false],
    ['[a-c]x', 'bx', true], ['[^a-c]x', 'bx', false], ['[^a-c]x', 'dx', true], ['[abd-f]', 'e', true], ['[a\\-c]', 'b', false], ['[a\\]]', ']', true],
    ['w\\*b', 'w*b', true], ['w\\*b', 'web', false], ['we.b', 'weXb', false], ['we+', 'wee', false],
    ['[', '[', false], ['[]', ']', false], ['w\\', 'w', false],
  ])('%s is for %s: %s', (glob, text, expected) => {
    expect(globMatches(glob, text)).toBe(expected);
  });

  it('comes to an end for a glob that has a run at every place', () => {
    expect(globMatches(`${'*a'.repeat(100)}*b`, 'a'.repeat(250))).toBe(false);
    expect(globMatches('*'.repeat(10_000), 'a'.repeat(10_000))).toBe(false);
  });
});
