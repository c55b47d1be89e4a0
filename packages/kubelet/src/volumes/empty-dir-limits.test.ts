import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pod, Volume } from '@podling/shared/api';
import { FakeClock, settle } from '@podling/shared/testing';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { execText } from '../exec.ts';
import { createPodPaths } from '../runtime/pod-paths.ts';
import { podOf, uid } from '../testing/runtime-objects.ts';
import { tempDir } from '../testing/temp-dir.ts';
import { diskUsage } from './disk-usage.ts';
import { EmptyDirLimits } from './empty-dir-limits.ts';

const paths = createPodPaths('/kubelet', '/logs');
const pathOf = (name: string): string => paths.volume(uid, 'empty-dir', name);
const podWith = (volumes: Volume[], priority = 0): Pod => podOf([{ name: 'web' }], { volumes, priority });
let clock: FakeClock;
let limits: EmptyDirLimits;
let pods: Pod[];
let usage: Record<string, number>;
let asked: string[][];
let exceeded: string[];

beforeEach(() => {
  [clock, pods, usage, asked, exceeded] = [new FakeClock(), [], {}, [], []];
  limits = new EmptyDirLimits({
    listPods: () => pods, paths, clock, logger: pino({ level: 'silent' }),
    execText: async (_, args) => {
      asked.push([...args]);
      return Object.entries(usage).map(([name, bytes]) => `${bytes}\t${pathOf(name)}`).join('\n');
    },
    onExceeded: (_pod, message) => void exceeded.push(message),
  });
  limits.start();
});
afterEach(() => limits.stop());

const pass = async (): Promise<void> => {
  await clock.advance(10_000);
  await settle();
};

describe('EmptyDirLimits', () => {
  it('tells of a volume that has outgrown its limit, in the words of Kubernetes', async () => {
    pods = [podWith([{ name: 'a', emptyDir: { sizeLimit: '1Ki' } }, { name: 'b', emptyDir: { sizeLimit: '1Ki' } }])];
    usage = { a: 1025, b: 1024 };
    await pass();
    expect(exceeded).toEqual(['Usage of EmptyDir volume "a" exceeds the limit "1Ki". ']);
    expect(asked).toEqual([['--summarize', '--one-file-system', '--block-size=1', '--', pathOf('a'), pathOf('b')]]);
  });

  it('goes on after a limit that is no quantity', async () => {
    pods = [podWith([{ name: 'a', emptyDir: { sizeLimit: 'much' } }])];
    await pass();
    pods = [podWith([{ name: 'a', emptyDir: { sizeLimit: '1' } }])];
    usage = { a: 2 };
    await pass();
    expect(exceeded).toHaveLength(1);
  });

  it.each<[string, Pod]>([
    ['no limit', podWith([{ name: 'a', emptyDir: {} }])], ['the limit 0', podWith([{ name: 'a', emptyDir: { sizeLimit: '0' } }])],
    ['a volume in memory', podWith([{ name: 'a', emptyDir: { medium: 'Memory', sizeLimit: '1' } }])],
    ['a critical pod', podWith([{ name: 'a', emptyDir: { sizeLimit: '1' } }], 2_000_000_000)],
  ])('runs nothing for %s', async (_, pod) => {
    pods = [pod];
    await pass();
    expect([asked, exceeded]).toEqual([[], []]);
  });
});

describe('diskUsage', () => {
  it('measures what is there, each folder for itself', async () => {
    const root = await tempDir();
    const [a, b] = [join(root, 'a'), join(root, 'b')];
    for (const folder of [a, b]) await mkdir(folder);
    await writeFile(join(a, 'file'), Buffer.alloc(100_000, 1));
    const found = await diskUsage([a, join(root, 'missing'), b], execText);
    expect([...found.keys()]).toEqual([a, b]);
    expect((found.get(a) ?? 0n) - (found.get(b) ?? 0n)).toBeGreaterThanOrEqual(100_000n);
  });
});
