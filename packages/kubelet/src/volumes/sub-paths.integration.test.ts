import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { mountPointsBelow } from '@podling/shared/process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exec } from '../exec.ts';
import { createPodPaths, type PodPaths } from '../runtime/pod-paths.ts';
import { eventually } from '../testing/eventually.ts';
import { podOf, uid } from '../testing/runtime-objects.ts';
import { writeAtomically } from './atomic-writer.ts';
import { createMounter } from './mounter.ts';
import { SubPaths } from './sub-paths.ts';

describe('SubPaths on the kernel', () => {
  let folder: string;
  let volume: string;
  let paths: PodPaths;
  let subPaths: SubPaths;
  let swapper: ChildProcess | undefined;
  const pod = podOf([{ name: 'web' }]);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'podling-subpath-'));
    volume = join(folder, 'volume');
    mkdirSync(volume, { mode: 0o755 });
    paths = createPodPaths(join(folder, 'root'), join(folder, 'logs'));
    subPaths = new SubPaths({ paths, mounter: createMounter(exec), logger: pino({ level: 'silent' }) });
  });
  afterEach(async () => {
    swapper?.kill('SIGKILL');
    for (const point of mountPointsBelow(folder)) execFileSync('umount', [point]);
    rmSync(folder, { recursive: true });
  });

  const bind = async (path: string, index = 0): Promise<string> => {
    const planned = { hostPath: volume, containerPath: '/x', readonly: false, subPath: { volume: 'v', index, path } };
    return (await subPaths.bind(pod, { name: 'web' }, [planned]))[0]?.hostPath ?? '';
  };

  it('binds a folder, a missing folder and a file at a place of their own', async () => {
    mkdirSync(join(volume, 'a'));
    writeFileSync(join(volume, 'a/file'), 'text');
    const [a, missing, file] = [await bind('a'), await bind('b/c', 1), await bind('a/file', 2)];
    expect([a, missing, file]).toEqual([0, 1, 2].map((index) => paths.subPath(uid, 'v', 'web', index)));
    expect([readdirSync(a), readdirSync(missing), readFileSync(file, 'utf8')]).toEqual([['file'], [], 'text']);
    writeFileSync(join(missing, 'new'), '');
    expect(existsSync(join(volume, 'b/c/new'))).toBe(true);
    expect(statSync(join(volume, 'b/c')).mode & 0o777).toBe(0o755);
  });

  it('gives a new run what is there now, and mounts once what has not changed', async () => {
    const write = (data: string) => writeAtomically(volume, new Map([['key', { data, mode: 0o644 }]]), () => Promise.resolve());
    await write('1');
    const file = await bind('key');
    await bind('key');
    expect(mountPointsBelow(folder)).toEqual([file]);
    await write('2');
    expect(readFileSync(file, 'utf8')).toBe('1');
    expect(readFileSync(await bind('key'), 'utf8')).toBe('2');
    expect(mountPointsBelow(folder)).toEqual([file]);
  });

  it('gives a folder where a file was, also after a kubelet was cut off in between', async () => {
    writeFileSync(join(volume, 'x'), '');
    const target = await bind('x');
    rmSync(join(volume, 'x'));
    mkdirSync(join(volume, 'x/deep'), { recursive: true });
    expect(readdirSync(await bind('x'))).toEqual(['deep']);
    execFileSync('umount', [target]);
    expect(readdirSync(await bind('x'))).toEqual(['deep']);
  });

  it('tells the user of a link to the node no more than that it failed', async () => {
    symlinkSync('/etc/shadow', join(volume, 'x'));
    await expect(bind('x')).rejects.toThrow(/^failed to prepare subPath for volumeMount "v" of container "web"$/);
    expect(mountPointsBelow(folder)).toEqual([]);
  });

  it('never shows the node to a container that swaps folders for links meanwhile', async () => {
    const node = join(folder, 'node');
    mkdirSync(join(node, 'deep'), { recursive: true });
    writeFileSync(join(node, 'deep/precious'), '');
    swapper = swapForEver(volume, node);
    await eventually(() => expect(existsSync(join(volume, 'started'))).toBe(true));
    const [served, refused] = [new Set<number>(), new Set<number>()];
    for (let run = 0; served.size < 10 || refused.size < 10; run += 1) {
      const target = await bind(run % 3 === 0 ? 'swap/deep/made' : 'swap/deep', run % 2).catch(() => undefined);
      (target === undefined ? refused : served).add(run);
      if (target !== undefined) expect(readdirSync(target)).not.toContain('precious');
    }
    expect(readdirSync(join(node, 'deep'))).toEqual(['precious']);
    expect(readdirSync(node)).toEqual(['deep']);
    await createMounter(exec).unmountBelow(folder);
  });
});

/** `swap` is by turns a folder of the volume and a link to the node's, as fast as a process can. */
function swapForEver(volume: string, node: string): ChildProcess {
  const script = `
    const { mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } = require('node:fs');
    const [, volume, node] = process.argv;
    process.chdir(volume);
    mkdirSync('swap/deep', { recursive: true });
    writeFileSync('started', '');
    // The kubelet may have made a folder in between: that is removed.
    const attempt = (step) => { try { step(); } catch {} };
    for (;;) {
      attempt(() => renameSync('swap', 'away'));
      attempt(() => rmSync('swap', { recursive: true }));
      attempt(() => symlinkSync(node, 'swap'));
      attempt(() => unlinkSync('swap'));
      attempt(() => renameSync('away', 'swap'));
    }`;
  return spawn(process.execPath, ['-e', script, volume, node], { stdio: 'ignore' });
}
