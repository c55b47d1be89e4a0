import { formatCpuSet, parseCpuSet } from '@podling/shared/util';
import { describe, expect, it } from 'vitest';
import { plainCpus, threaded } from '../testing/topologies.ts';
import { takeByTopology } from './cpu-assignment.ts';

const dual = threaded(2, 4);

describe('takeByTopology', () => {
  it.each([
    ['whole cores, the first ones', dual, '0-15', 4, '0-1,8-9'],
    ['a whole socket where one is free', dual, '1-15', 8, '4-7,12-15'],
    ['single threads of the core that is partly taken', dual, '0-2,4-15', 1, '11'],
    ['whole cores before a partly taken one', dual, '0-2,8-11', 3, '0,8,11'],
    ['the socket with the least left', dual, '1-15', 2, '1,9'],
    ['all there is', dual, '0-15', 16, '0-15'],
    ['one of two', plainCpus(2), '0-1', 1, '0'],
    ['nothing', dual, '0-15', 0, ''],
  ] as const)('takes %s', (_, topology, available, count, taken) => {
    expect(formatCpuSet(takeByTopology(topology, parseCpuSet(available), count))).toBe(taken);
  });

  it('takes nothing when there is not enough', () => {
    expect(() => takeByTopology(dual, parseCpuSet('1-2'), 3)).toThrow('not enough cpus available to satisfy request: requested=3, available=2');
  });
});
