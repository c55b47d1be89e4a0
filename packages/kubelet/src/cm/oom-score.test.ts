import type { Pod } from '@podling/shared/api';
import { describe, expect, it } from 'vitest';
import { podOf } from '../testing/runtime-objects.ts';
import { oomScoreAdjOf } from './oom-score.ts';

const nodeMemoryBytes = 4n * 1024n ** 3n;
const memory = (requests: string, limits?: string) => ({ resources: { requests: { memory: requests }, ...(limits ? { limits: { memory: limits } } : {}) } });
const score = (pod: Pod, name = 'c'): number => {
  const container = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].find((one) => one.name === name);
  return oomScoreAdjOf(pod, container ?? { name }, nodeMemoryBytes);
};

describe('oom_score_adj', () => {
  it.each([
    ['a node-critical pod', podOf([{ name: 'c' }], { priorityClassName: 'system-node-critical', priority: 2_000_001_000 }), -997],
    ['a cluster-critical pod', podOf([{ name: 'c' }], { priorityClassName: 'system-cluster-critical', priority: 2_000_000_000 }), 1000],
    ['a guaranteed pod', podOf([{ name: 'c', resources: { limits: { cpu: '1', memory: '1Gi' } } }]), -997],
    ['a pod that asks for nothing', podOf([{ name: 'c' }]), 1000],
    ['one that asks for a quarter of the node', podOf([{ name: 'c', ...memory('1Gi') }]), 750],
    ['one that asks for next to nothing', podOf([{ name: 'c', ...memory('1Ki') }]), 999],
    ['one that asks for all of the node', podOf([{ name: 'c', ...memory('4Gi') }]), 3],
  ])('of %s', (_, pod, expected) => {
    expect(score(pod)).toBe(expected);
  });

  it('of a sidecar is no higher than that of the containers it serves', () => {
    const sidecar = { name: 's', restartPolicy: 'Always' as const, ...memory('100Mi') };
    const pod = podOf([{ name: 'c', ...memory('1Gi') }, { name: 'd', ...memory('2Gi') }], { initContainers: [sidecar, { name: 'i', ...memory('100Mi') }] });
    expect([score(pod, 's'), score(pod, 'i'), score(pod, 'd')]).toEqual([750, 976, 500]);
  });

  it('shares among containers what the pod asks for as a whole', () => {
    const pod = podOf([{ name: 'c', ...memory('1Gi') }, { name: 'd' }], { resources: { requests: { memory: '2Gi' } } });
    expect([score(pod), score(pod, 'd')]).toEqual([625, 875]);
  });
});
