import { buildPod } from '@podling/shared/testing';
import { describe, expect, it } from 'vitest';
import type { PodStats } from '../stats/summary.ts';
import { evictionNotice } from './eviction-message.ts';
import type { Threshold } from './thresholds.ts';

const time = '2026-01-01T00:00:00Z';
const pod = buildPod({
  name: 'web', uid: 'u',
  spec: {
    containers: [{ name: 'greedy', resources: { requests: { memory: '100Mi' } } }, { name: 'modest', resources: { requests: { memory: '1Gi' } } }],
    initContainers: [{ name: 'sidecar', restartPolicy: 'Always' }],
  },
});
const stats = (memory: Record<string, number>, disk: Record<string, number> = {}): PodStats => ({
  podRef: { name: 'web', namespace: 'default', uid: 'u' }, startTime: time,
  containers: [
    ...Object.entries(memory).map(([name, workingSetBytes]) => ({ name, startTime: time, memory: { time, workingSetBytes } })),
    ...Object.entries(disk).map(([name, usedBytes]) => ({ name, startTime: time, rootfs: { time, usedBytes }, logs: { time, usedBytes: 1024 } })),
  ],
});
const low: Threshold = { signal: 'memory.available', value: { quantity: '100Mi', amount: 104_857_600 }, gracePeriodMs: 0 };

describe('why a pod was evicted', () => {
  it('names the shortage and the containers that use more than they asked for', () => {
    const observations = new Map([['memory.available', { available: 1024 * 1024, capacity: 2 ** 30, time }] as const]);
    const measured = stats({ greedy: 200 * 2 ** 20, modest: 2 ** 20, sidecar: 3 * 2 ** 20, debug: 2 ** 30 });
    expect(evictionNotice(pod, measured, 'memory', [low], observations)).toEqual({
      message: 'The node was low on resource: memory. Threshold quantity: 100Mi, available: 1Mi. '
        + 'Container greedy was using 200Mi, request is 100Mi, has larger consumption of memory. '
        + 'Container sidecar was using 3Mi, request is 0, has larger consumption of memory. ',
      annotations: { offending_containers: 'greedy,sidecar', offending_containers_usage: '200Mi,3Mi', starved_resource: 'memory' },
    });
  });

  it('names the pod where it asks for itself', () => {
    const whole = buildPod({ name: 'web', uid: 'u', spec: { containers: [], resources: { requests: { memory: '64Mi' } } } });
    const measured = { ...stats({}), memory: { time, workingSetBytes: 2 ** 27 } };
    expect(evictionNotice(whole, measured, 'memory', [], new Map())).toEqual({
      message: 'The node was low on resource: memory. Pod web was using 128Mi, request is 64Mi, has larger consumption of memory. ',
      annotations: { offending_pod: 'web', offending_pod_usage: '128Mi', offending_containers: '', offending_containers_usage: '', starved_resource: 'memory' },
    });
  });

  it.each<[Threshold['signal'], 'ephemeral-storage' | 'inodes' | 'pids', string]>([
    ['nodefs.available', 'ephemeral-storage', 'The node was low on resource: ephemeral-storage. Threshold quantity: 1Ki, available: 512. Container greedy was using 3Ki, request is 0, has larger consumption of ephemeral-storage. '],
    ['nodefs.inodesFree', 'inodes', 'The node was low on resource: inodes. Threshold quantity: 1Ki, available: 512. '],
    ['pid.available', 'pids', 'The node was low on resource: pids. Threshold quantity: 1Ki, available: 512. '],
  ])('of %s', (signal, resource, message) => {
    const observations = new Map([[signal, { available: 512, capacity: 10_240, time }]]);
    const threshold: Threshold = { signal, value: { share: 0.1 }, gracePeriodMs: 0 };
    expect(evictionNotice(pod, stats({}, { greedy: 2048 }), resource, [threshold], observations).message).toBe(message);
  });

  it('is short when nobody has measured the pod', () => {
    expect(evictionNotice(pod, undefined, 'memory', [], new Map())).toEqual({ message: 'The node was low on resource: memory. ', annotations: {} });
  });
});
