import type { Pod, ResourceRequirements } from '@podling/shared/api';
import { describe, expect, it } from 'vitest';
import { figuresWith } from '../testing/figures.ts';
import { podOf } from '../testing/runtime-objects.ts';
import { milliToShares } from './container-resources.ts';

const withResources = (...all: ResourceRequirements[]) => podOf(all.map((resources, index) => ({ name: `c${index}`, resources })));
const full = { cpu: '500m', memory: '1Gi' };

describe('the resources of a container', () => {
  const of = (resources: ResourceRequirements, ownOomScoreAdj = -1000) => {
    const pod = withResources(resources);
    return figuresWith({ ownOomScoreAdj }).linuxResources(pod, pod.spec.containers[0] ?? { name: 'none' });
  };

  it.each<[ResourceRequirements, object]>([
    [{}, { cpuShares: 2, oomScoreAdj: 1000 }],
    [{ limits: { cpu: '500m' } }, { cpuShares: 512, cpuPeriod: 100_000, cpuQuota: 50_000, oomScoreAdj: 999 }],
    [{ limits: { cpu: '1m' } }, { cpuShares: 2, cpuPeriod: 100_000, cpuQuota: 1_000, oomScoreAdj: 999 }],
    [{ requests: { memory: '1Gi' }, limits: { memory: '2Gi' } }, { cpuShares: 2, memoryLimitBytes: 2 * 1024 ** 3, oomScoreAdj: 750 }],
    [{ limits: { memory: '128M' } }, { cpuShares: 2, memoryLimitBytes: 128_000_000, oomScoreAdj: 971 }],
    [{ limits: full }, { cpuShares: 512, cpuPeriod: 100_000, cpuQuota: 50_000, memoryLimitBytes: 1024 ** 3, oomScoreAdj: -997 }],
  ])('of %j is %j', (resources, expected) => {
    expect(of(resources)).toEqual(expected);
  });

  it('never asks for a lower oom_score_adj than the kubelet has itself', () => {
    expect(of({ limits: full }, 0).oomScoreAdj).toBe(0);
  });
});

describe('cgroup figures', () => {
  it.each([[0n, 2], [1n, 2], [100n, 102], [1000n, 1024], [1_000_000n, 262_144]])('%i milli-CPU are %i shares', (milli, shares) => {
    expect(milliToShares(milli)).toBe(shares);
  });

});

describe('the cgroup of a pod', () => {
  const figures = figuresWith({ hugePageSizes: ['2MB', '1GB'] });

  it.each<[string, ResourceRequirements[], Partial<Pod['spec']>, object]>([
    ['the sum of its containers', [{ requests: { cpu: '250m' } }, { limits: { cpu: '250m' } }], {}, { cpuShares: 512, cpuQuota: -1, memoryLimitBytes: -1 }],
    ['a limit where every container has one', [{ limits: full }, { limits: full }], {}, { cpuShares: 1024, cpuQuota: 100_000, cpuPeriod: 100_000, memoryLimitBytes: 2 * 1024 ** 3 }],
    ['the least for who asks for nothing', [{}], {}, { cpuShares: 2, cpuQuota: -1, memoryLimitBytes: -1 }],
    ['what the pod says as a whole', [{}, {}], { resources: { limits: full, requests: full } }, { cpuShares: 512, cpuQuota: 50_000, cpuPeriod: 100_000, memoryLimitBytes: 1024 ** 3 }],
    ['the overhead of its runtime class', [{ limits: full }], { overhead: { cpu: '500m', memory: '1Gi' } }, { cpuShares: 1024, cpuQuota: 100_000, cpuPeriod: 100_000, memoryLimitBytes: 2 * 1024 ** 3 }],
  ])('has %s', (_, resources, spec, expected) => {
    const pod = withResources(...resources);
    expect(figures.podConfig({ ...pod, spec: { ...pod.spec, ...spec } })).toEqual({ ...expected, hugePageLimits: { '2MB': 0, '1GB': 0 } });
  });

  it('has the huge pages that are asked for and no others', () => {
    const amounts = { ...full, 'hugepages-2Mi': '4Mi' };
    expect(figures.podConfig(withResources({ limits: amounts, requests: amounts })).hugePageLimits).toEqual({ '2MB': 4 * 1024 ** 2, '1GB': 0 });
  });

  it('has another period, or no quota at all, where the node is configured so', () => {
    const pod = withResources({ limits: full });
    expect(figuresWith({ cpuPeriodMicroseconds: 20_000 }).podConfig(pod)).toMatchObject({ cpuPeriod: 20_000, cpuQuota: 10_000 });
    expect(figuresWith({ isCpuLimited: false }).podConfig(pod)).toMatchObject({ cpuQuota: -1 });
    expect(figuresWith({ isCpuLimited: false }).linuxResources(pod, pod.spec.containers[0] ?? { name: '' }).cpuQuota).toBeUndefined();
  });

  it('has no quota with CPUs of its own', () => {
    const pod = withResources({ limits: { cpu: '1', memory: '1Gi' } }, { limits: full });
    const pinned = figuresWith({ cpus: { hasExclusiveCpus: (_, name) => name === 'c0', affinityOf: (_, name) => (name === 'c0' ? '1' : '0') } });
    expect(pinned.podConfig(pod).cpuQuota).toBe(-1);
    const [first, second] = pod.spec.containers.map((container) => pinned.linuxResources(pod, container));
    expect(first).toMatchObject({ cpusetCpus: '1', cpuShares: 1024 });
    expect(first?.cpuQuota).toBeUndefined();
    expect(second).toMatchObject({ cpusetCpus: '0', cpuQuota: 50_000 });
  });
});
