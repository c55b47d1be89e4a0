import { statfs } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { tempDir } from '../testing/temp-dir.ts';
import { volumeStats } from './volume-stats.ts';

const nodeFs = { timestampMs: 0, availableBytes: 1, capacityBytes: 2, usedBytes: 1, inodesFree: 1, inodes: 2, inodesUsed: 1 };
const usage = { usedBytes: 4096, inodesUsed: 3, timestampMs: 7 };
const stamp = (timestampMs: number): string => String(timestampMs);

describe('the statistics of volumes', () => {
  it('have the room of the file system that holds each, and the node\'s for one that has just gone', async () => {
    const path = await tempDir();
    const volumes = [{ name: 'token', path, isEphemeral: false }, { name: 'gone', path: `${path}/gone`, isEphemeral: false }];
    const { volumes: [token, gone] } = await volumeStats(volumes, new Map(volumes.map((volume) => [volume.path, usage])), nodeFs, stamp);
    const { blocks, bsize, files } = await statfs(path);
    expect(token).toMatchObject({ name: 'token', time: '7', capacityBytes: blocks * bsize, inodes: files, usedBytes: 4096, inodesUsed: 3 });
    expect(gone).toMatchObject({ name: 'gone', capacityBytes: 2, inodes: 2, usedBytes: 4096 });
  });
});
