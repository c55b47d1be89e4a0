import { describe, expect, it } from 'vitest';
import { formatCpuSet, parseCpuSet } from './cpu-set.ts';

describe('CpuSet', () => {
  it.each([['', ''], ['0', '0'], ['3,1,0-1', '0-1,3'], ['5-7,6,9\n', '5-7,9']])('reads %j and writes %j', (text, written) => {
    expect(formatCpuSet(parseCpuSet(text))).toBe(written);
  });

  it.each(['a', '1-', '3-1', '-1', '0,,1', '0-99999999'])('refuses %j', (text) => {
    expect(() => parseCpuSet(text)).toThrow('is no list of CPUs');
  });
});
