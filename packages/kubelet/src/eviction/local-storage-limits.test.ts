import type { PodSpec } from '@podling/shared/api';
import { buildPod } from '@podling/shared/testing';
import { describe, expect, it } from 'vitest';
import type { PodStats } from '../stats/summary.ts';
import type { DiskLayout } from './disk-layout.ts';
import { violatedLimit } from './local-storage-limits.ts';

const time = '2026-01-01T00:00:00Z';
const limited = (limit: string) => ({ resources: { limits: { 'ephemeral-storage': limit } } });
const fs = (usedBytes: number) => ({ time, usedBytes });

interface Case {
  spec: Partial<PodSpec>;
  volume?: Record<string, number>;
  /** Of container `a`: writable layer and logs. */
  a?: [number, number];
  all?: number;
  layout?: DiskLayout;
}

function messageOf({ spec, volume = {}, a, all, layout = 'shared' }: Case): string | undefined {
  const stats: PodStats = {
    podRef: { name: 'web', namespace: 'default', uid: 'u' }, startTime: time,
    containers: a === undefined ? [] : [{ name: 'a', startTime: time, rootfs: fs(a[0]), logs: fs(a[1]) }],
    volume: Object.entries(volume).map(([name, usedBytes]) => ({ name, ...fs(usedBytes) })),
    ...(all === undefined ? {} : { 'ephemeral-storage': fs(all) }),
  };
  return violatedLimit(buildPod({ name: 'web', uid: 'u', spec: { containers: [], ...spec } }), stats, layout)?.message;
}

const emptyDir = (sizeLimit?: string) => ({ volumes: [{ name: 'v', emptyDir: sizeLimit === undefined ? {} : { sizeLimit } }] });

describe('a limit on the disk', () => {
  it.each<[string, Case, string | undefined]>([
    ['of an emptyDir that is passed', { spec: emptyDir('1024Ki'), volume: { v: 2 ** 20 + 1 } }, 'Usage of EmptyDir volume "v" exceeds the limit "1Mi". '],
    ['of an emptyDir that is reached', { spec: emptyDir('1Mi'), volume: { v: 2 ** 20 } }, undefined],
    ['of an emptyDir that nobody has measured', { spec: emptyDir('1Mi') }, undefined],
    ['of zero', { spec: emptyDir('0'), volume: { v: 5 } }, undefined],
    ['that is none', { spec: emptyDir(), volume: { v: 5 } }, undefined],
    ['of a volume of another kind', { spec: { volumes: [{ name: 'v', hostPath: { path: '/' } }] }, volume: { v: 5 } }, undefined],
    ['of all containers', { spec: { containers: [{ name: 'a', ...limited('1Ki') }, { name: 'b', ...limited('1Ki') }] }, all: 2049 }, 'Pod ephemeral local storage usage exceeds the total limit of containers 2Ki. '],
    ['of one container', { spec: { containers: [{ name: 'a', ...limited('1Ki') }, { name: 'b', ...limited('1Mi') }] }, a: [1000, 25], all: 1025 }, 'Container a exceeded its local ephemeral storage limit "1Ki". '],
    ['of one container whose layer is on a file system of its own', { spec: { containers: [{ name: 'a', ...limited('1Ki') }] }, a: [5000, 25], layout: 'dedicatedImageFs' }, undefined],
    ['of none', { spec: { containers: [{ name: 'a' }] }, a: [5000, 25], all: 9999 }, undefined],
  ])('%s', (_, given, message) => expect(messageOf(given)).toBe(message));
});
