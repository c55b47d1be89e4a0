import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Report } from '../progress.ts';
import { withClusterLock } from './cluster-lock.ts';

let folder = '';
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'podling-cluster-lock-'))));
afterEach(() => rm(folder, { recursive: true }));

/** What the second of two commands says: the first stays until the second has found it there. */
async function saidByTheSecond(report: Report): Promise<string[]> {
  const lock = join(folder, 'x.lock');
  const said: string[] = [];
  const { promise: leave, resolve: release } = Promise.withResolvers<void>();
  const first = withClusterLock(lock, () => leave);
  const second = withClusterLock(lock, async () => undefined, { report, say: (line) => said.push(line) });
  release();
  await Promise.all([first, second]);
  return said;
}

describe('the lock of a cluster', () => {
  it('says once whom a command waits for', async () => {
    expect(await saidByTheSecond('plain')).toEqual([`waiting for another command on this cluster to end (pid ${process.pid})`]);
  });

  it('says nothing in silence', async () => {
    expect(await saidByTheSecond('silent')).toEqual([]);
  });
});
