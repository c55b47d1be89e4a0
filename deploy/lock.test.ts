import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { claimOn, withLock } from './lock.ts';

// Takes the lock and lets go of it again and again; the first thread also leaves dead locks behind.
const taker = `
const { linkSync, rmSync, writeFileSync } = require('node:fs');
const { workerData: { lock, path, inside, first } } = require('node:worker_threads');
(async () => {
  const { withLock } = await import(lock);
  const dead = path + '-dead';
  if (first) writeFileSync(dead, '{"pid":1,"startTime":"dead"}');
  for (let round = 0; round < 300; round++) {
    if (first && round % 3 === 0) try { linkSync(dead, path); } catch {}
    await withLock(path, async () => {
      if (Atomics.add(inside, 0, 1) > 0) throw new Error('two inside');
      await null;
      Atomics.sub(inside, 0, 1);
    });
  }
  if (first) rmSync(dead);
})();
`;

async function takeAgainAndAgain(threads: number): Promise<void> {
  const inside = new Int32Array(new SharedArrayBuffer(4));
  const lock = new URL('lock.ts', import.meta.url).href;
  const ends = Array.from({ length: threads }, (_, index) => {
    const worker = new Worker(taker, { eval: true, workerData: { lock, path, inside, first: index === 0 } });
    return new Promise<void>((resolve, reject) => void worker.once('error', reject).once('exit', () => resolve()));
  });
  await Promise.all(ends);
}

let path = '';
beforeEach(async () => void (path = join(await mkdtemp(join(tmpdir(), 'podling-lock-')), 'nested', 'lock')));
afterEach(() => rm(join(path, '../..'), { recursive: true }));

function readNow(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return 'no file';
  }
}

describe('withLock', () => {
  it('lets one in at a time', async () => {
    let inside = 0;
    let most = 0;
    const work = (): Promise<void> =>
      withLock(path, async () => {
        most = Math.max(most, ++inside);
        await new Promise(setImmediate);
        inside--;
      });
    await Promise.all([work(), work(), work()]);
    expect(most).toBe(1);
  });

  it('is free again after a failure', async () => {
    await expect(withLock(path, () => Promise.reject(new Error('inside')))).rejects.toThrow('inside');
    expect(existsSync(path)).toBe(false);
  });

  it('takes over from a process that has died', async () => {
    await withLock(path, async () => undefined);
    await writeFile(path, JSON.stringify({ pid: process.pid, startTime: '1' }));
    expect(await withLock(path, async () => 'in')).toBe('in');
  });

  it('lets one thread in at a time, also when several find a dead lock at once', async () => {
    await withLock(path, async () => undefined);
    await takeAgainAndAgain(3);
    expect(await readdir(join(path, '..'))).toEqual([]);
  });

  it('is never seen without its holder', async () => {
    await withLock(path, async () => undefined);
    let running = true;
    const taken = takeAgainAndAgain(1).finally(() => (running = false));
    const seen = new Set<string>();
    while (running) {
      for (let read = 0; read < 100; read++) seen.add(readNow(path));
      await new Promise(setImmediate);
    }
    await taken;
    expect([...seen].filter((text) => !text.includes('"pid"'))).toEqual(['no file']);
  });

  it('takes over from a process that died while it took over from a dead one', async () => {
    const dead = JSON.stringify({ pid: 1, startTime: 'dead' });
    await withLock(path, async () => undefined);
    await writeFile(path, dead);
    await writeFile(claimOn(path, dead), dead);
    expect(await withLock(path, async () => 'in')).toBe('in');
    expect(await readdir(join(path, '..'))).toEqual([]);
  });

  it('names the holder while it waits', async () => {
    const holders: number[] = [];
    const { promise: told, resolve: release } = Promise.withResolvers<void>();
    const onWait = (holder: number): void => {
      holders.push(holder);
      release();
    };
    await Promise.all([withLock(path, () => told), withLock(path, async () => undefined, { onWait })]);
    expect(holders).toEqual([process.pid]);
  });
});
