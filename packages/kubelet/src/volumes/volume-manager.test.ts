import { chmod, lstat, mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pod, Volume } from '@podling/shared/api';
import { createFakeServer, FakeClock, type FakeServer } from '@podling/shared/testing';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ObjectWatches } from '../objects/object-watches.ts';
import { PodObjects } from '../objects/pod-objects.ts';
import { TokenManager } from '../objects/token-manager.ts';
import type { MountedVolumes } from '../runtime/container-mounts.ts';
import { createPodPaths } from '../runtime/pod-paths.ts';
import { podOf, uid } from '../testing/runtime-objects.ts';
import { tempDir } from '../testing/temp-dir.ts';
import { noMounter } from './mounter.ts';
import { VolumeManager } from './volume-manager.ts';

let server: FakeServer;
let volumes: VolumeManager;
let root: string;
let clock: FakeClock;
let events: string[];
let news: string[];
const managers: VolumeManager[] = [];

beforeEach(async () => {
  [server, clock, events, news] = [createFakeServer(), new FakeClock(Date.now()), [], []];
  root = await tempDir();
  const metadata = (name: string) => ({ name, namespace: 'default' });
  server.configMaps.put({ apiVersion: 'v1', kind: 'ConfigMap', metadata: metadata('c'), data: { text: 'hello' }, binaryData: { bytes: '/wA=' } });
  server.secrets.put({ apiVersion: 'v1', kind: 'Secret', metadata: metadata('s'), data: { password: 'c2VjcmV0' } });
  server.serviceAccounts.put({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: metadata('default') });
  volumes = volumesOf(server);
});
afterEach(async () => {
  for (const manager of managers.splice(0)) await manager.stop();
});

/** A kubelet's own, which knows nothing of an earlier one's. */
function volumesOf({ client }: FakeServer): VolumeManager {
  const manager = new VolumeManager({
    paths: createPodPaths(root, join(root, 'logs')),
    mounter: noMounter,
    objects: new PodObjects(client),
    tokens: new TokenManager({ client, clock, random: () => 0 }),
    watches: new ObjectWatches({ client, clock, logger: pino({ level: 'silent' }) }),
    events: { pod: (_pod, _type, reason, message) => void events.push(`${reason}: ${message}`) },
    onNews: (uid) => void news.push(uid),
    clock,
    nodeAllocatable: { cpuMilli: 2000n, memoryBytes: 1000n, ephemeralStorageBytes: 1000n },
  });
  managers.push(manager);
  return manager;
}

const setUp = async (pod: Pod): Promise<MountedVolumes> => (await volumes.prepare(pod))();
const podWith = (...sources: Omit<Volume, 'name'>[]) =>
  podOf([{ name: 'web', resources: { limits: { memory: '64Mi' } } }], {
    serviceAccountName: 'default',
    volumes: sources.map((source, index) => ({ name: `v${index}`, ...source })),
  });

/** Sets up one volume: its files with mode and text. */
async function files(source: Omit<Volume, 'name'>): Promise<Record<string, readonly [mode: string, text: string]>> {
  const mounted = (await setUp(podWith(source))).get('v0');
  expect(mounted?.readOnly).toBe(true);
  const data = join(mounted?.hostPath ?? '', '..data/');
  const entries = (await readdir(data, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  return Object.fromEntries(await Promise.all(entries.map(async ({ parentPath, name }) => {
    const path = join(parentPath, name);
    return [path.slice(data.length), [((await lstat(path)).mode & 0o777).toString(8), await readFile(path, 'latin1')]] as const;
  })));
}

describe('configMap volume', () => {
  it('has a file for each key, text or bytes', async () => {
    expect(await files({ configMap: { name: 'c' } })).toEqual({ text: ['644', 'hello'], bytes: ['644', '\xff\0'] });
  });

  it('has just the items, at their paths with their modes', async () => {
    const items = [{ key: 'text', path: 'a/b' }, { key: 'bytes', path: 'c', mode: 0o400 }];
    expect(await files({ configMap: { name: 'c', items, defaultMode: 0o600 } })).toEqual({ 'a/b': ['600', 'hello'], c: ['400', '\xff\0'] });
  });
});

describe('secret volume', () => {
  it('has its values decoded', async () => {
    expect(await files({ secret: { secretName: 's', defaultMode: 0o400 } })).toEqual({ password: ['400', 'secret'] });
  });
});

describe('downwardAPI volume', () => {
  it('has fields and resources', async () => {
    const resource = { containerName: 'web', resource: 'limits.memory', divisor: '1Mi' };
    const items = [{ path: 'name', fieldRef: { fieldPath: 'metadata.name' } }, { path: 'memory', mode: 0o600, resourceFieldRef: resource }];
    expect(await files({ downwardAPI: { items } })).toEqual({ name: ['644', 'web'], memory: ['600', '64'] });
  });
});

describe('projected volume', () => {
  it('brings all sources together, with a token that is bound to the pod', async () => {
    const sources = [
      { serviceAccountToken: { path: 'token', expirationSeconds: 3607, audience: 'vault' } },
      { configMap: { name: 'c', items: [{ key: 'text', path: 'ca.crt' }] } },
      { secret: { name: 's' } },
      { downwardAPI: { items: [{ path: 'namespace', fieldRef: { fieldPath: 'metadata.namespace' } }] } },
    ];
    expect(await files({ projected: { sources } })).toEqual({
      token: ['644', expect.stringMatching(/^token-1\./)], 'ca.crt': ['644', 'hello'], password: ['644', 'secret'], namespace: ['644', 'default'],
    });
    const boundObjectRef = { apiVersion: 'v1', kind: 'Pod', name: 'web', uid };
    expect(server.tokenRequests).toEqual([{ namespace: 'default', name: 'default', spec: { audiences: ['vault'], expirationSeconds: 3607, boundObjectRef } }]);
  });

  it('tells everything that is missing at once', async () => {
    const sources = [{ configMap: { name: 'nope' } }, { secret: { name: 'nope' } }];
    const message = 'MountVolume.SetUp failed for volume "v0" : [configmap "nope" not found, secret "nope" not found]';
    await expect(setUp(podWith({ projected: { sources } }))).rejects.toThrow(message);
  });

  it('fails without its service account', async () => {
    server.serviceAccounts.remove('default/default');
    const failed = setUp(podWith({ projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } }));
    await expect(failed).rejects.toThrow('failed to fetch token: serviceaccounts "default" not found');
  });
});

describe('missing objects and keys', () => {
  it.each<[string, Omit<Volume, 'name'>]>([
    ['configmap "nope" not found', { configMap: { name: 'nope' } }],
    ['secret "nope" not found', { secret: { secretName: 'nope' } }],
    ['configmap references non-existent config key: nope', { configMap: { name: 'c', items: [{ key: 'nope', path: 'x' }] } }],
    ['references non-existent secret key: nope', { secret: { secretName: 's', items: [{ key: 'nope', path: 'x' }] } }],
    ['unsupported fieldPath: status.podIP', { downwardAPI: { items: [{ path: 'x', fieldRef: { fieldPath: 'status.podIP' } }] } }],
    ["invalid path: must not contain '..': ../x", { configMap: { name: 'c', items: [{ key: 'text', path: '../x' }] } }],
    ['projected source "clusterTrustBundle" is not supported yet', { projected: { sources: [{ clusterTrustBundle: { name: 'b', path: 'x' } }] } }],
    ['projected source "podCertificate" is not supported yet', { projected: { sources: [{ podCertificate: { signerName: 's/s', keyType: 'ED25519' } }] } }],
    ['volume kind "image" is not supported yet', { image: { reference: 'x' } }],
    ['volume kind "persistentVolumeClaim" is not supported yet', { persistentVolumeClaim: { claimName: 'x' } }],
    ['emptyDir medium "HugePages-2Mi": huge pages are not supported by this node', { emptyDir: { medium: 'HugePages-2Mi' } }],
    ['unknown storage medium "Tape"', { emptyDir: { medium: 'Tape' } }],
    ['volume kind "nfs" is not supported yet', { nfs: { server: 's', path: '/' } }],
  ])('says what cannot be set up: %s', async (message, source) => {
    await expect(setUp(podWith(source))).rejects.toThrow(`MountVolume.SetUp failed for volume "v0" : ${message}`);
  });

  it.each<[string, Omit<Volume, 'name'>]>([
    ['configMap', { configMap: { name: 'nope', optional: true } }],
    ['secret', { secret: { secretName: 's', optional: true, items: [{ key: 'nope', path: 'x' }] } }],
    ['projected', { projected: { sources: [{ configMap: { name: 'nope', optional: true } }] } }],
  ])('an optional %s is empty instead', async (_, source) => {
    expect(await files(source)).toEqual({});
  });
});

describe('emptyDir volume', () => {
  it('is for everybody at first, and as its containers have left it afterwards', async () => {
    const pod = podWith({ emptyDir: {} });
    pod.spec.securityContext = { fsGroup: process.getgid?.() ?? 0 };
    const folder = (await setUp(pod)).get('v0')?.hostPath ?? '';
    expect((await lstat(folder)).mode & 0o7777).toBe(0o2777);
    const outside = await tempDir();
    await chmod(outside, 0o700);
    await symlink(outside, join(folder, 'link'));
    await mkdir(join(folder, 'own'), { mode: 0o700 });
    await chmod(folder, 0o700);
    volumes = volumesOf(server);
    await setUp(pod);
    const modes = await Promise.all([folder, join(folder, 'own'), outside].map(async (path) => (await lstat(path)).mode & 0o777));
    expect(modes).toEqual([0o700, 0o700, 0o700]);
  });

  it('is finished where an earlier kubelet was cut off', async () => {
    const folder = createPodPaths(root, '').volume(uid, 'empty-dir', 'v0');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await setUp(podWith({ emptyDir: {} }));
    expect((await lstat(folder)).mode & 0o777).toBe(0o777);
  });
});

describe('VolumeManager', () => {
  it('names the first of several volumes that fail and finishes the others', async () => {
    const pod = podWith({ emptyDir: {} }, { configMap: { name: 'nope' } }, { configMap: { name: 'c' } });
    await expect(setUp(pod)).rejects.toThrow('volume "v1" : configmap "nope" not found');
    server.configMaps.put({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'nope', namespace: 'default' } });
    expect([...(await setUp(pod)).keys()]).toEqual(['v0', 'v1', 'v2']);
  });

  it('leaves a volume as it is when its object has gone or cannot be read any more', async () => {
    const pod = podWith({ configMap: { name: 'c' } }, { projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } });
    const before = await setUp(pod);
    server.configMaps.remove('default/c');
    volumes = volumesOf(server);
    server.serviceAccounts.failNext(new Error('no answer'));
    expect(await setUp(pod)).toEqual(before);
    const read = (volume: string, file: string): Promise<string> => readFile(join(before.get(volume)?.hostPath ?? '', file), 'utf8');
    expect([await read('v0', 'text'), await read('v1', 'token')]).toEqual(['hello', expect.stringMatching(/^token-1\./)]);
  });

  it('makes the folders where other volumes are mounted inside a read-only one', async () => {
    const pod = podWith({ configMap: { name: 'c' } }, { emptyDir: {} });
    const [container] = pod.spec.containers;
    if (container) container.volumeMounts = [{ name: 'v0', mountPath: '/etc/app' }, { name: 'v1', mountPath: '/etc/app/cache/x' }];
    const folder = (await setUp(pod)).get('v0')?.hostPath ?? '';
    expect((await lstat(join(folder, 'cache/x'))).isDirectory()).toBe(true);
  });

  it('takes everything of the pod away, however often it is asked', async () => {
    await setUp(podWith({ configMap: { name: 'c' } }, { secret: { secretName: 's' } }, { emptyDir: {} }));
    await mkdir(join(root, 'pods', 'other', 'volumes'), { recursive: true });
    await volumes.tearDown(uid);
    await volumes.tearDown(uid);
    expect(await readdir(join(root, 'pods', uid))).toEqual([]);
    expect(await readdir(join(root, 'pods', 'other'))).toEqual(['volumes']);
  });
});
