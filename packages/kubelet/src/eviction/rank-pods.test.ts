import type { Pod } from '@podling/shared/api';
import { buildPod } from '@podling/shared/testing';
import { describe, expect, it } from 'vitest';
import type { PodStats } from '../stats/summary.ts';
import { rankPods, statsByUid } from './rank-pods.ts';
import type { Signal } from './signals.ts';

interface Row {
  request?: string;
  priority?: number;
  /** Undefined: not measured. */
  stats?: Partial<PodStats>;
}

const time = '2026-01-01T00:00:00Z';
const mib = 1024 * 1024;
const using = (bytes: number): Partial<PodStats> => ({ memory: { time, workingSetBytes: bytes } });
const onDisk = (rootfs: number, logs: number, volume: number): Partial<PodStats> => ({
  containers: [{ name: 'web', startTime: time, rootfs: { time, usedBytes: rootfs, inodesUsed: rootfs }, logs: { time, usedBytes: logs, inodesUsed: logs } }],
  volume: [{ name: 'scratch', time, usedBytes: volume, inodesUsed: volume }, { name: 'secret', time, usedBytes: 10_000, inodesUsed: 10_000 }],
});

function ranked(rows: Record<string, Row>, signal: Signal, layout: Parameters<typeof rankPods>[3] = 'shared'): string {
  const pods = Object.entries(rows).map(([name, { request, priority = 0 }]): Pod => buildPod({
    name, uid: name,
    spec: {
      priority, volumes: [{ name: 'scratch', emptyDir: {} }, { name: 'secret', secret: { secretName: 's' } }],
      containers: [{ name: 'web', ...(request === undefined ? {} : { resources: { requests: { memory: request, 'ephemeral-storage': request } } }) }],
    },
  }));
  const stats = Object.entries(rows).flatMap(([name, row]): PodStats[] =>
    (row.stats === undefined ? [] : [{ podRef: { name, namespace: 'default', uid: name }, startTime: time, containers: [], ...row.stats }]));
  return rankPods(pods, statsByUid(stats), signal, layout).map(({ metadata }) => metadata.name).join(' ');
}

describe('pods short of memory', () => {
  it('go by whether they use more than they asked for, then by priority, then by how much more', () => {
    expect(ranked({
      modest: { request: '500Mi', stats: using(400 * mib) },
      important: { priority: 10, stats: using(900 * mib) },
      little: { request: '100Mi', stats: using(150 * mib) },
      much: { request: '100Mi', stats: using(300 * mib) },
      idle: { request: '500Mi', stats: using(10 * mib) },
    }, 'memory.available')).toBe('much little important modest idle');
  });

  it('go first when nobody knows what they use', () => {
    expect(ranked({ known: { stats: using(900 * mib) }, unknown: {} }, 'allocatableMemory.available')).toBe('unknown known');
  });

  it('of a lower priority stay before those that keep to what they asked for', () => {
    expect(ranked({ low: { request: '1Gi', priority: -5, stats: using(mib) }, high: { priority: 5, stats: using(mib) } }, 'memory.available')).toBe('high low');
  });
});

describe('pods short of disk', () => {
  it('go first when a volume of theirs takes too long to be measured', () => {
    const { containers = [] } = onDisk(1, 1, 0);
    expect(ranked({ much: { stats: onDisk(1, 1, 900) }, endless: { stats: { containers, volume: [] } } }, 'nodefs.available')).toBe('endless much');
    expect(ranked({ much: { stats: onDisk(900, 1, 1) }, endless: { stats: { containers, volume: [] } } }, 'imagefs.available', 'dedicatedImageFs')).toBe('much endless');
  });

  it.each<[Signal, Parameters<typeof rankPods>[3], string]>([
    ['nodefs.available', 'shared', 'rootfs logs volume'],
    ['nodefs.inodesFree', 'shared', 'rootfs logs volume'],
    ['nodefs.available', 'dedicatedImageFs', 'logs volume rootfs'],
    ['imagefs.available', 'dedicatedImageFs', 'rootfs volume logs'],
    ['containerfs.available', 'splitImageFs', 'rootfs logs volume'],
  ])('%s, %s: go by what they have on that file system', (signal, layout, order) => {
    expect(ranked({ volume: { stats: onDisk(0, 0, 100) }, logs: { stats: onDisk(0, 200, 0) }, rootfs: { stats: onDisk(300, 0, 0) } }, signal, layout)).toBe(order);
  });

  it('stay when they asked for it', () => {
    expect(ranked({ asked: { request: '1Ki', stats: onDisk(500, 200, 200) }, greedy: { stats: onDisk(10, 0, 0) } }, 'nodefs.available')).toBe('greedy asked');
  });
});

describe('pods short of process ids', () => {
  it('go by priority, then by number', () => {
    const with_ = (count: number): Partial<PodStats> => ({ process_stats: { process_count: count } });
    expect(ranked({ few: { stats: with_(5) }, important: { priority: 1, stats: with_(500) }, many: { stats: with_(50) } }, 'pid.available')).toBe('many few important');
  });
});
