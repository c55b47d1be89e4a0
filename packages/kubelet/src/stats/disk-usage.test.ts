import { FakeClock, settle } from '@podling/shared/testing';
import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { DiskUsage } from './disk-usage.ts';

let clock: FakeClock;
let disk: DiskUsage;
/** Bytes by folder; one that is absent is not there, `stuck` never answers. */
let sizes: Record<string, number | 'stuck'>;
let walks: string[][];
let ended: number;

beforeEach(() => {
  [clock, sizes, walks, ended] = [new FakeClock(), {}, [], 0];
  disk = new DiskUsage({
    clock, logger: pino({ level: 'silent' }),
    run: (_, args) => {
      const folders = args.slice(args.indexOf('--') + 1);
      if (!args.includes('--inodes')) walks.push(folders);
      return { lines: linesOf(folders, args.includes('--inodes')), end: () => void (ended += 1) };
    },
  });
});

async function* linesOf(folders: readonly string[], inodes: boolean): AsyncGenerator<string> {
  for (const folder of folders) {
    const size = sizes[folder];
    if (size === 'stuck') await new Promise(() => undefined);
    if (typeof size === 'number') yield `${inodes ? 7 : size}\t${folder}`;
  }
  if (folders.some((folder) => sizes[folder] === undefined)) throw new Error('du: cannot access');
}

describe('DiskUsage', () => {
  it('walks all folders of a question at once and leaves out those that are not there', async () => {
    sizes = { '/a': 10, '/b': 20 };
    const usage = await disk.measure(['/a', '/none', '/b'], 10_000);
    expect([...usage]).toEqual([
      ['/a', { usedBytes: 10, inodesUsed: 7, timestampMs: clock.now() }],
      ['/b', { usedBytes: 20, inodesUsed: 7, timestampMs: clock.now() }],
    ]);
    expect(walks).toEqual([['/a', '/none', '/b']]);
  });

  it('answers from what it knows while that is young enough', async () => {
    sizes = { '/a': 10 };
    await disk.measure(['/a'], 10_000);
    await clock.advance(9_999);
    await disk.measure(['/a'], 10_000);
    expect(walks).toHaveLength(1);
    await clock.advance(1);
    await disk.measure(['/a'], 10_000);
    expect(walks).toHaveLength(2);
  });

  it('measures behind those that do not wait', async () => {
    sizes = { '/a': 10 };
    expect(disk.latest(['/a'], 60_000).size).toBe(0);
    expect(disk.latest(['/a'], 60_000).size).toBe(0);
    await settle();
    expect(disk.latest(['/a'], 60_000).get('/a')?.usedBytes).toBe(10);
    expect(walks).toHaveLength(1);
  });

  it('gives up a folder that takes too long, with the others measured and its last figure kept', async () => {
    sizes = { '/a': 10, '/b': 20, '/c': 30 };
    await disk.measure(['/a', '/b', '/c'], 0);
    sizes = { '/a': 11, '/b': 'stuck', '/c': 33 };
    const measuring = disk.measure(['/a', '/b', '/c'], 0);
    await clock.advance(15_000);
    expect([...(await measuring).values()].map(({ usedBytes }) => usedBytes)).toEqual([11, 20, 33]);
    expect(walks.slice(1)).toEqual([['/a', '/b', '/c'], ['/c']]);
    expect(ended).toBe(6);
  });

  it('tells of the others while one still takes its time', async () => {
    sizes = { '/a': 10, '/b': 'stuck' };
    const measuring = disk.measure(['/a', '/b'], 0);
    await settle();
    expect([...disk.latest(['/a', '/b'], 60_000).keys()]).toEqual(['/a']);
    await clock.advance(15_000);
    await measuring;
  });

  it('lets such a folder rest', async () => {
    sizes = { '/b': 'stuck' };
    const measuring = disk.measure(['/b'], 0);
    await clock.advance(15_000);
    await measuring;
    await disk.measure(['/b'], 0);
    expect(walks).toHaveLength(1);
    sizes = { '/b': 20 };
    await clock.advance(60_000);
    expect((await disk.measure(['/b'], 0)).get('/b')?.usedBytes).toBe(20);
  });

  it('runs one batch at a time, however many ask', async () => {
    const folders = Array.from({ length: 250 }, (_, index) => `/${index}`);
    sizes = Object.fromEntries(folders.map((folder) => [folder, 1]));
    const [all] = await Promise.all([disk.measure(folders, 60_000), disk.measure(folders, 60_000)]);
    expect(all.size).toBe(250);
    expect(walks.map(({ length }) => length)).toEqual([100, 100, 50]);
  });

  it('starts nothing while nobody asks', async () => {
    sizes = { '/a': 10 };
    await disk.measure(['/a'], 10_000);
    await clock.advance(3_600_000);
    expect([walks.length, clock.pendingTimers]).toEqual([1, 0]);
  });
});
