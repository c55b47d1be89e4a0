import type { ResourceRequirements } from '@podling/shared/api';
import { describe, expect, it } from 'vitest';
import { podOf } from '../testing/runtime-objects.ts';
import { linuxResourcesOf, milliToShares, podCgroupPaths, podCgroupResources, qosClassOf } from './resources.ts';

const withResources = (...all: ResourceRequirements[]) => podOf(all.map((resources, index) => ({ name: `c${index}`, resources })));
const full = { cpu: '500m', memory: '1Gi' };

describe('qosClassOf', () => {
  it.each<[string, ResourceRequirements[]]>([
    ['BestEffort', [{}]],
    ['BestEffort', [{ requests: { cpu: '0' } }]],
    ['Burstable', [{ requests: { cpu: '100m' } }]],
    ['Burstable', [{ limits: full }, {}]],
    ['Burstable', [{ limits: full, requests: { cpu: '100m' } }]],
    ['Guaranteed', [{ limits: full }]],
    ['Guaranteed', [{ limits: full, requests: { cpu: '0.5', memory: '1024Mi' } }]],
  ])('is %s for %j', (expected, resources) => {
    expect(qosClassOf(withResources(...resources))).toBe(expected);
  });
});

describe('linuxResourcesOf', () => {
  const of = (resources: ResourceRequirements, ownOomScoreAdj = -1000) =>
    linuxResourcesOf({ name: 'c', resources }, { qosClass: qosClassOf(withResources(resources)), nodeMemoryBytes: 4n * 1024n ** 3n, ownOomScoreAdj });

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

  it('adds up the pod', () => {
    expect(podCgroupResources(withResources({ requests: { cpu: '250m' } }, { limits: { cpu: '250m' } }))).toEqual({ cpuShares: 512 });
  });

  it('places pods by their class', () => {
    expect(podCgroupPaths('/podling/n1/', 'u')).toEqual(['/podling/n1/kubepods/podu', '/podling/n1/kubepods/burstable/podu', '/podling/n1/kubepods/besteffort/podu']);
  });
});
