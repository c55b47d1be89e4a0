import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withLock } from './lock.ts';

let path = '';
beforeEach(async () => void (path = join(await mkdtemp(join(tmpdir(), 'podling-lock-')), 'nested', 'lock')));
afterEach(() => rm(join(path, '../..'), { recursive: true }));

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
