import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Pod } from '@podling/shared/api';
import { mountPointOf, mountPointsBelow } from '@podling/shared/process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakeServer } from '@podling/shared/testing';
import { systemClock } from '@podling/shared/util';
import { pino } from 'pino';
import { exec } from '../exec.ts';
import { ObjectWatches } from '../objects/object-watches.ts';
import { PodObjects } from '../objects/pod-objects.ts';
import { createPodPaths } from '../runtime/pod-paths.ts';
import { eventually } from '../testing/eventually.ts';
import { podOf, uid } from '../testing/runtime-objects.ts';
import { createMounter } from './mounter.ts';
import { VolumeManager } from './volume-manager.ts';

const isShared = (path: string): boolean | undefined => mountPointOf(path)?.shared;

describe('VolumeManager on the kernel', () => {
  let folder: string;
  let volumes: VolumeManager;
  let events: string[];
  const setUp = async (pod: Pod) => (await volumes.prepare(pod))();
  const server = createFakeServer();

  beforeEach(() => {
    events = [];
    folder = mkdtempSync(join(tmpdir(), 'podling-volumes-'));
    volumes = new VolumeManager({
      paths: createPodPaths(join(folder, 'root'), join(folder, 'logs')),
      mounter: createMounter(exec),
      objects: new PodObjects(server.client),
      tokens: { token: () => Promise.resolve('token'), adopt: () => undefined, dueMs: () => Number.POSITIVE_INFINITY, forgetPod: () => undefined },
      watches: new ObjectWatches({ client: server.client, clock: systemClock, logger: pino({ level: 'silent' }) }),
      events: { pod: (_pod, _type, reason, message) => void events.push(`${reason}: ${message}`) },
      onNews: () => undefined,
      clock: systemClock,
      nodeAllocatable: { cpuMilli: 0n, memoryBytes: 2n ** 30n, ephemeralStorageBytes: 0n },
    });
  });
  afterEach(async () => {
    await volumes.stop();
    for (const point of mountPointsBelow(folder)) execFileSync('umount', [point]);
    rmSync(folder, { recursive: true });
  });

  it('takes an emptyDir away, and spares what a container has mounted in it', async () => {
    const paths = createPodPaths(join(folder, 'root'), join(folder, 'logs'));
    const volume = paths.volume('uid', 'empty-dir', 'cache');
    const host = join(folder, 'host');
    for (const path of [host, join(volume, 'deep')]) mkdirSync(path, { recursive: true });
    writeFileSync(join(host, 'precious'), '');
    execFileSync('mount', ['--bind', host, join(volume, 'deep')]);
    await volumes.tearDown('uid');
    expect(existsSync(volume)).toBe(false);
    expect(existsSync(join(host, 'precious'))).toBe(true);
  });

  it('shares the mounts of a folder, once', async () => {
    const mounter = createMounter(exec);
    const root = join(folder, 'root');
    mkdirSync(join(root, 'pods/inner'), { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', join(root, 'pods/inner')]);
    writeFileSync(join(root, 'pods/inner/file'), '');
    expect(isShared(join(root, 'pods'))).toBe(false);
    await mounter.makeShared(root);
    await mounter.makeShared(root);
    expect([isShared(join(root, 'pods')), isShared(join(root, 'pods/inner')), isShared(folder)]).toEqual([true, true, false]);
    expect(mountPointsBelow(root).filter((point) => point === root)).toHaveLength(1);
    expect(existsSync(join(root, 'pods/inner/file'))).toBe(true);
    await mounter.unmountBelow(root);
  });

  it('takes away at once what is seen in two places, since one goes with the other', async () => {
    const mounter = createMounter(exec);
    const root = join(folder, 'root');
    const paths = createPodPaths(root, join(folder, 'logs'));
    const [inner, target] = [join(paths.volume('uid', 'empty-dir', 'v'), 'part/inner'), paths.subPath('uid', 'v', 'web', 0)];
    for (const path of [inner, target]) mkdirSync(path, { recursive: true });
    await mounter.makeShared(root);
    execFileSync('mount', ['--bind', dirname(inner), target]);
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', inner]);
    expect(mountPointsBelow(paths.podDir('uid'))).toHaveLength(3);
    await volumes.tearDown('uid');
    expect([mountPointsBelow(paths.podDir('uid')), existsSync(paths.volumesDir('uid'))]).toEqual([[], false]);
    await mounter.unmountBelow(root);
  });

  it('spares what is mounted elsewhere in the folder of the pod', async () => {
    const paths = createPodPaths(join(folder, 'root'), join(folder, 'logs'));
    const host = join(folder, 'host');
    const places = [paths.subPath('uid', 'v', 'web', 0), join(paths.podDir('uid'), 'somewhere/a b')];
    for (const path of [host, ...places]) mkdirSync(path, { recursive: true });
    writeFileSync(join(host, 'precious'), '');
    for (const path of places) execFileSync('mount', ['--bind', host, path]);
    execFileSync('mount', ['--bind', host, places[0] ?? '']);
    await volumes.tearDown('uid');
    rmSync(paths.podDir('uid'), { recursive: true });
    expect(existsSync(join(host, 'precious'))).toBe(true);
  });

  it('removes nothing while something cannot be unmounted', async () => {
    const volume = createPodPaths(join(folder, 'root'), '').volume('uid', 'empty-dir', 'cache');
    const host = join(folder, 'host');
    for (const path of [host, join(volume, 'deep')]) mkdirSync(path, { recursive: true });
    writeFileSync(join(host, 'precious'), '');
    execFileSync('mount', ['--bind', host, join(volume, 'deep')]);
    const inside = openSync(join(volume, 'deep/precious'), 'r');
    await expect(volumes.tearDown('uid')).rejects.toThrow('busy');
    expect(existsSync(join(host, 'precious'))).toBe(true);
    closeSync(inside);
    await volumes.tearDown('uid');
    expect([existsSync(join(host, 'precious')), existsSync(volume)]).toEqual([true, false]);
  });

  it('leaves the files as they are on a full disk, says so, and writes them when there is room', async () => {
    const put = (text: string) => server.configMaps.put({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: 'default' }, data: { text } });
    const disk = join(folder, 'root/pods');
    mkdirSync(disk, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk]);
    put('old');
    const pod = podOf([{ name: 'web' }], { volumes: [{ name: 'v', configMap: { name: 'c' } }] });
    const file = join((await setUp(pod)).get('v')?.hostPath ?? '', 'text');
    const fresh = 'new'.repeat(20_000);
    writeFileSync(join(disk, 'ballast'), Buffer.alloc(210_000));
    await eventually(() => expect(server.configMaps.openWatches).toBe(1));
    put(fresh);
    await eventually(() => expect(events).toEqual([expect.stringMatching(/^FailedMount: MountVolume.SetUp failed for volume "v" : ENOSPC/)]));
    expect([readFileSync(file, 'utf8'), readdirSync(dirname(file)).length]).toEqual(['old', 3]);
    rmSync(join(disk, 'ballast'));
    await eventually(() => expect(readFileSync(file, 'utf8')).toBe(fresh));
    await volumes.tearDown(uid);
  });

  it('gives an emptyDir in memory as much as its limit', async () => {
    const pod = podOf([{ name: 'web' }], { volumes: [{ name: 'v', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } }], securityContext: { fsGroup: 2000 } });
    const path = (await setUp(pod)).get('v')?.hostPath ?? '';
    const { blocks, bsize } = statfsSync(path);
    expect([blocks * bsize, statSync(path).mode & 0o7777, statSync(path).gid]).toEqual([1024 * 1024, 0o2777, 2000]);
    expect(() => writeFileSync(join(path, 'large'), Buffer.alloc(1024 * 1024 + 1))).toThrow('ENOSPC');
    await volumes.tearDown(uid);
    expect(mountPointsBelow(folder)).toEqual([]);
  });

  it('keeps secrets in memory, once however often it is asked, and leaves nothing behind', async () => {
    server.secrets.put({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'default' }, data: { k: 'c2VjcmV0' } });
    const pod = podOf([{ name: 'web' }], { volumes: [{ name: 'v', secret: { secretName: 's' } }], securityContext: { fsGroup: 2000 } });
    await setUp(pod);
    const path = (await setUp(pod)).get('v')?.hostPath ?? '';
    expect(mountPointsBelow(folder)).toEqual([path]);
    expect(readFileSync(join(path, 'k'), 'utf8')).toBe('secret');
    expect([statSync(join(path, 'k')).gid, statSync(join(path, 'k')).mode & 0o7777, statSync(path).mode & 0o7777]).toEqual([2000, 0o644, 0o2777]);
    await volumes.tearDown(uid);
    expect(mountPointsBelow(folder)).toEqual([]);
    expect(existsSync(path)).toBe(false);
  });

  it("makes a token its owner's alone where the pod has one user, and its group's where it has a group", async () => {
    const projected = { sources: [{ serviceAccountToken: { path: 'token' } }] };
    const token = async (securityContext: Pod['spec']['securityContext']) => {
      const pod = podOf([{ name: 'web' }], { volumes: [{ name: 'v', projected }], ...(securityContext ? { securityContext } : {}) });
      const { mode, uid: owner, gid } = statSync(join((await setUp(pod)).get('v')?.hostPath ?? '', 'token'));
      await volumes.tearDown(uid);
      return { mode: mode & 0o777, owner, gid };
    };
    expect(await token(undefined)).toEqual({ mode: 0o644, owner: 0, gid: 0 });
    expect(await token({ runAsUser: 1000 })).toEqual({ mode: 0o600, owner: 1000, gid: 0 });
    expect(await token({ fsGroup: 2000 })).toEqual({ mode: 0o640, owner: 0, gid: 2000 });
  });
});
