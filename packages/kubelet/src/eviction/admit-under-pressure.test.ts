import type { PodSpec } from '@podling/shared/api';
import { buildPod } from '@podling/shared/testing';
import { describe, expect, it } from 'vitest';
import { admitUnderPressure } from './admit-under-pressure.ts';
import type { PressureCondition } from './signals.ts';

const burstable: Partial<PodSpec> = { containers: [{ name: 'a', resources: { requests: { memory: '1Mi' } } }] };
const tolerant: Partial<PodSpec> = { tolerations: [{ key: 'node.kubernetes.io/memory-pressure', operator: 'Exists' }] };
const critical: Partial<PodSpec> = { priority: 2_000_000_000 };

describe('a node under pressure', () => {
  it.each<[PressureCondition[], Partial<PodSpec>, string | undefined]>([
    [[], {}, undefined],
    [['MemoryPressure'], {}, 'Pod was rejected: The node had condition: [MemoryPressure]. '],
    [['MemoryPressure'], burstable, undefined],
    [['MemoryPressure'], tolerant, undefined],
    [['MemoryPressure'], critical, undefined],
    [['DiskPressure'], burstable, 'Pod was rejected: The node had condition: [DiskPressure]. '],
    [['DiskPressure', 'MemoryPressure'], tolerant, 'Pod was rejected: The node had condition: [DiskPressure MemoryPressure]. '],
    [['PIDPressure'], critical, undefined],
  ])('%j and a pod %j: %s', (conditions, spec, message) => {
    const pod = buildPod({ name: 'web', spec: { containers: [{ name: 'a' }], ...spec } });
    expect(admitUnderPressure(pod, conditions)).toEqual(message === undefined ? undefined : { reason: 'Evicted', message });
  });

  it('takes static pods', () => {
    const pod = buildPod({ name: 'web', spec: { containers: [] } });
    expect(admitUnderPressure({ ...pod, metadata: { ...pod.metadata, annotations: { 'kubernetes.io/config.source': 'file' } } }, ['DiskPressure'])).toBeUndefined();
  });
});
