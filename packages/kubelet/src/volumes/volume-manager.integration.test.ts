import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exec } from '../exec.ts';
import { createPodPaths } from '../runtime/pod-paths.ts';
import { mountPointsBelow } from './mount-table.ts';
import { VolumeManager } from './volume-manager.ts';

describe('VolumeManager on the kernel', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'podling-volumes-'));
  });
  afterEach(async () => {
    for (const point of await mountPointsBelow(folder)) execFileSync('umount', [point]);
    rmSync(folder, { recursive: true });
  });

  it('takes an emptyDir away, and spares what a container has mounted in it', async () => {
    const paths = createPodPaths(join(folder, 'root'), join(folder, 'logs'));
    const volume = paths.emptyDir('uid', 'cache');
    const host = join(folder, 'host');
    for (const path of [host, join(volume, 'deep')]) mkdirSync(path, { recursive: true });
    writeFileSync(join(host, 'precious'), '');
    execFileSync('mount', ['--bind', host, join(volume, 'deep')]);
    await new VolumeManager({ paths, exec }).tearDown('uid');
    expect(existsSync(volume)).toBe(false);
    expect(existsSync(join(host, 'precious'))).toBe(true);
  });
});
