import type { Pod } from '@podling/shared/api';
import { buildPod } from '@podling/shared/testing';
import { describe, expect, it } from 'vitest';
import { groupByPriority } from './node-shutdown.ts';

const pod = (name: string, priority?: number): Pod => buildPod({ name, spec: { containers: [], ...(priority === undefined ? {} : { priority }) } });

describe('groupByPriority', () => {
  it('puts a pod into the highest group that is not above it, and what is below all into the lowest', () => {
    const periods = [{ priority: 0, seconds: 10 }, { priority: 100, seconds: 20 }, { priority: 2_000_000_000, seconds: 30 }];
    const pods = [pod('none'), pod('low', -5), pod('edge', 100), pod('between', 150), pod('critical', 2_000_001_000)];
    const groups = groupByPriority(periods, pods).map((group) => group.pods.map(({ metadata }) => metadata.name));
    expect(groups).toEqual([['none', 'low'], ['edge', 'between'], ['critical']]);
  });
});
