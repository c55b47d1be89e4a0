import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pod, TokenRequest, Volume } from '@podling/shared/api';
import { createFakeServer, FakeClock, type FakeServer } from '@podling/shared/testing';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ObjectWatches } from '../objects/object-watches.ts';
import { PodObjects } from '../objects/pod-objects.ts';
import { TokenManager } from '../objects/token-manager.ts';
import { createPodPaths } from '../runtime/pod-paths.ts';
import { eventually } from '../testing/eventually.ts';
import { podOf, uid } from '../testing/runtime-objects.ts';
import { tempDir } from '../testing/temp-dir.ts';
import { noMounter } from './mounter.ts';
import { VolumeManager } from './volume-manager.ts';

let server: FakeServer;
let clock: FakeClock;
let root: string;
let volumes: VolumeManager;
let events: string[];
let news: string[];
let tokens: number;
let tokenFailure: Error | undefined;
let secretAnswers: Promise<void> | undefined;
let watches: ObjectWatches;

const putConfigMap = (value: string): void => void server.configMaps.put({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: 'default' }, data: { text: value } });
const putSecret = (value: string): void => void server.secrets.put({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'default' }, data: { word: Buffer.from(value).toString('base64') } });

beforeEach(async () => {
  [server, clock, root, events, news, tokens, tokenFailure, secretAnswers] = [createFakeServer(), new FakeClock(), await tempDir(), [], [], 0, undefined, undefined];
  putConfigMap('1');
  putSecret('1');
  volumes = newManager();
});
afterEach(() => volumes.stop());

async function createToken(_namespace: string, name: string, spec: TokenRequest['spec']): Promise<TokenRequest> {
  if (tokenFailure) throw tokenFailure;
  const expiresMs = clock.now() + (spec.expirationSeconds ?? 0) * 1000;
  const claims = Buffer.from(JSON.stringify({ iat: clock.now() / 1000, exp: expiresMs / 1000 })).toString('base64url');
  return { metadata: { name }, spec, status: { token: `t${(tokens += 1)}.${claims}`, expirationTimestamp: new Date(expiresMs).toISOString() } };
}

function newManager(): VolumeManager {
  const { client } = server;
  watches = new ObjectWatches({ client, clock, logger: pino({ level: 'silent' }) });
  return new VolumeManager({
    paths: createPodPaths(root, join(root, 'logs')), mounter: noMounter, clock,
    objects: slowSecrets(new PodObjects(client)),
    tokens: new TokenManager({ client: { createToken }, clock, random: () => 0 }),
    watches,
    events: { pod: (_pod, _type, reason, message) => void events.push(`${reason}: ${message}`) },
    onNews: (pod) => void news.push(pod),
    nodeAllocatable: { cpuMilli: 2000n, memoryBytes: 1000n, ephemeralStorageBytes: 1000n },
  });
}

const slowSecrets = (objects: PodObjects): Pick<PodObjects, 'configMap' | 'secret'> => ({
  configMap: (pod, name) => objects.configMap(pod, name),
  secret: async (pod, name) => {
    await secretAnswers;
    return objects.secret(pod, name);
  },
});
const podWith = (...sources: Omit<Volume, 'name'>[]): Pod => podOf([{ name: 'web' }], { serviceAccountName: 'default', volumes: sources.map((source, index) => ({ name: `v${index}`, ...source })) });
const labels = { downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } };
const token = { projected: { sources: [{ serviceAccountToken: { path: 'token', expirationSeconds: 600 } }] } };
const start = async (pod: Pod): Promise<void> => void (await (await volumes.prepare(pod))());
const text = (index: number, file: string): Promise<string> => readFile(join(root, 'pods', uid, 'volumes', `kubernetes.io~${plugins[index]}`, `v${index}`, file), 'utf8');
let plugins: string[];

describe('volumes of a pod that starts', () => {
  it('have what comes while the rest is read: nobody would tell of it again', async () => {
    plugins = ['configmap', 'secret'];
    const answering = Promise.withResolvers<void>();
    secretAnswers = answering.promise;
    const starting = start(podWith({ configMap: { name: 'late' } }, { secret: { secretName: 's' } }));
    await eventually(() => expect(watches.isKnown({ kind: 'configmap', namespace: 'default', name: 'late' })).toBe(true));
    server.configMaps.put({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'late', namespace: 'default' }, data: { text: 'come' } });
    await eventually(() => expect(watches.get({ kind: 'configmap', namespace: 'default', name: 'late' })).toBeDefined());
    answering.resolve();
    await starting;
    expect(await text(0, 'text')).toBe('come');
  });

  it('wait for a token only when they are mounted, and say so when there is none', async () => {
    tokenFailure = new Error('no');
    const mount = await volumes.prepare(podWith(token));
    await expect(mount()).rejects.toThrow('MountVolume.SetUp failed for volume "v0" : failed to fetch token: no');
    tokenFailure = undefined;
    await start(podWith(token));
  });
});

describe('volumes of a running pod', () => {
  it('follow what they are made of', async () => {
    plugins = ['configmap', 'secret', 'downward-api', 'projected'];
    const pod = podWith({ configMap: { name: 'c' } }, { secret: { secretName: 's' } }, labels, { projected: { sources: [{ configMap: { name: 'c' } }, { secret: { name: 's' } }, labels] } });
    await start(pod);
    putConfigMap('2');
    putSecret('2');
    await volumes.keep({ ...pod, metadata: { ...pod.metadata, labels: { tier: 'web' } } });
    await eventually(async () => {
      expect([await text(0, 'text'), await text(1, 'word'), await text(2, 'labels')]).toEqual(['2', '2', 'tier="web"']);
      expect([await text(3, 'text'), await text(3, 'word'), await text(3, 'labels')]).toEqual(['2', '2', 'tier="web"']);
    });
    expect(events).toEqual([]);
  });

  it('miss no change that comes between reading and writing', async () => {
    plugins = ['configmap'];
    const mount = await volumes.prepare(podWith({ configMap: { name: 'c' } }));
    await eventually(() => expect(server.configMaps.openWatches).toBe(1));
    putConfigMap('2');
    await mount();
    await eventually(async () => expect(await text(0, 'text')).toBe('2'));
  });

  it('are found again by the next kubelet, with their tokens', async () => {
    plugins = ['configmap', 'projected'];
    const pod = podWith({ configMap: { name: 'c' } }, token);
    await start(pod);
    await volumes.stop();
    putConfigMap('2');
    volumes = newManager();
    await volumes.keep(pod);
    await eventually(async () => expect(await text(0, 'text')).toBe('2'));
    await clock.advance(60_000);
    expect(tokens).toBe(1);
    await eventually(async () => {
      await clock.advance(60_000);
      expect(await text(1, 'token')).toMatch(/^t2\./);
    });
  });

  it('show labels that have changed while no kubelet ran', async () => {
    plugins = ['downward-api'];
    const pod = podWith(labels);
    await start(pod);
    await volumes.stop();
    volumes = newManager();
    await volumes.keep({ ...pod, metadata: { ...pod.metadata, labels: { tier: 'new' } } });
    await eventually(async () => expect(await text(0, 'labels')).toBe('tier="new"'));
  });

  it('get a new token when a fifth of its life is left, and no more requests than that', async () => {
    plugins = ['projected'];
    await start(podWith(token));
    await clock.advance(479_000);
    expect(await text(0, 'token')).toMatch(/^t1\./);
    await clock.advance(2_000);
    await eventually(async () => expect(await text(0, 'token')).toMatch(/^t2\./));
    expect(tokens).toBe(2);
  });

  it('keep a token that cannot be renewed until it expires, say so then, and get the next as soon as there is one', async () => {
    plugins = ['projected'];
    await start(podWith(token));
    tokenFailure = new Error('no answer');
    for (let second = 0; second < 590; second += 10) await clock.advance(10_000);
    expect([await text(0, 'token'), events]).toEqual([expect.stringMatching(/^t1\./), []]);
    const message = 'FailedMount: MountVolume.SetUp failed for volume "v0" : token expired and refresh failed: no answer';
    await eventually(async () => {
      await clock.advance(10_000);
      expect(events).toEqual([message]);
    });
    tokenFailure = undefined;
    await eventually(async () => {
      await clock.advance(10_000);
      expect(await text(0, 'token')).toMatch(/^t2\./);
    });
  });

  it('stay when their object goes, which is told once, and come back with it', async () => {
    plugins = ['configmap'];
    await start(podWith({ configMap: { name: 'c' } }));
    await eventually(() => expect(server.configMaps.openWatches).toBe(1));
    server.configMaps.remove('default/c');
    const message = 'FailedMount: MountVolume.SetUp failed for volume "v0" : configmap "c" not found';
    await eventually(async () => {
      await clock.advance(1_000);
      expect(events).toEqual([message]);
    });
    for (let count = 0; count < 5; count += 1) await clock.advance(10_000);
    expect([await text(0, 'text'), events]).toEqual(['1', [message]]);
    putConfigMap('3');
    await eventually(async () => expect(await text(0, 'text')).toBe('3'));
  });

  it('are tried again when they cannot be written', async () => {
    plugins = ['configmap'];
    await start(podWith({ configMap: { name: 'c' } }));
    await eventually(() => expect(server.configMaps.openWatches).toBe(1));
    const folder = join(root, 'pods', uid, 'volumes', 'kubernetes.io~configmap');
    await rm(folder, { recursive: true });
    putConfigMap('2');
    await eventually(() => expect(events).toEqual([expect.stringContaining('FailedMount: MountVolume.SetUp failed for volume "v0" : ENOENT')]));
    await start(podWith({ configMap: { name: 'c' } }));
    await eventually(async () => expect(await text(0, 'text')).toBe('2'));
  });

  it('are left alone once they are taken down', async () => {
    plugins = ['configmap', 'projected'];
    await start(podWith({ configMap: { name: 'c' } }, token));
    await eventually(() => expect(server.configMaps.openWatches).toBe(1));
    await volumes.tearDown(uid);
    putConfigMap('2');
    await clock.advance(3600_000);
    expect([server.configMaps.openWatches, clock.pendingTimers, tokens]).toEqual([0, 0, 1]);
    await expect(text(0, 'text')).rejects.toThrow('ENOENT');
  });
});

describe('a pod that waits for an object', () => {
  it('is told when there is one', async () => {
    server.configMaps.remove('default/c');
    await expect(volumes.prepare(podWith({ configMap: { name: 'c' } }))).rejects.toThrow('configmap "c" not found');
    await eventually(() => expect(server.configMaps.openWatches).toBe(1));
    putConfigMap('1');
    await eventually(() => expect(news).toEqual([uid]));
  });
});
