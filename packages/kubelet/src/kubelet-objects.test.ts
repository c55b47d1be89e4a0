import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pod } from '@podling/shared/api';
import { ConnectionError } from '@podling/shared/client';
import { beforeEach, afterEach, describe, expect, it } from 'vitest';
import { eventually } from './testing/eventually.ts';
import { image, KubeletBench } from './testing/kubelet-bench.ts';
import { tempDir } from './testing/temp-dir.ts';

let bench: KubeletBench;

beforeEach(async () => void (bench = new KubeletBench(await tempDir())));
afterEach(() => bench.stop());

const volumeMounts = [{ name: 'v', mountPath: '/etc/app' }];
const withVolume = (volume: object): Partial<Pod['spec']> => ({ volumes: [{ name: 'v', ...volume }], containers: [{ name: 'web', image, volumeMounts }] });
const envFrom = (env: object[]): Partial<Pod['spec']> => ({ containers: [{ name: 'web', image, env: env as never }] });
const putConfigMap = (data: Record<string, string>, name = 'c') =>
  bench.server.configMaps.put({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data });

describe("a pod's volumes of API objects", () => {
  it('wait in ContainerCreating with FailedMount until the object is there', async () => {
    await bench.start();
    bench.put(withVolume({ configMap: { name: 'c' } }));
    await eventually(() => expect(bench.events('FailedMount')).toEqual(['MountVolume.SetUp failed for volume "v" : configmap "c" not found']));
    await bench.within(100, () => expect(bench.web().state?.waiting?.reason).toBe('ContainerCreating'));
    expect(await bench.runtime.listPodSandboxes()).toEqual([]);
    putConfigMap({ key: 'value' });
    await bench.within(500, () => expect(bench.pod().status?.phase).toBe('Running'));
    const mount = bench.runtime.containerConfig(bench.id()).mounts.find(({ containerPath }) => containerPath === '/etc/app');
    expect(mount?.readonly).toBe(true);
    expect(await readFile(join(mount?.hostPath ?? '', 'key'), 'utf8')).toBe('value');
  });

  it('wait no longer than that', async () => {
    await bench.start();
    bench.put(withVolume({ configMap: { name: 'c' } }));
    await eventually(() => expect(bench.events('FailedMount')).toHaveLength(1));
    await eventually(() => expect(bench.server.configMaps.openWatches).toBe(1));
    putConfigMap({ key: 'value' });
    await bench.running();
  });

  it('follow the object and the labels while the pod runs, under the next kubelet too', async () => {
    const labels = { downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } };
    const first = await bench.start();
    putConfigMap({ key: '1' });
    const pod = bench.put(withVolume({ projected: { sources: [{ configMap: { name: 'c' } }, labels] } }));
    await bench.running();
    const folder = bench.runtime.containerConfig(bench.id()).mounts.find(({ containerPath }) => containerPath === '/etc/app')?.hostPath ?? '';
    const follows = (value: string) => eventually(async () => {
      expect([await readFile(join(folder, 'key'), 'utf8'), await readFile(join(folder, 'labels'), 'utf8')]).toEqual([value, `v="${value}"`]);
    });
    const change = (value: string): void => {
      putConfigMap({ key: value });
      bench.server.pods.put({ ...bench.pod(), metadata: { ...pod.metadata, labels: { v: value } } });
    };
    change('2');
    await follows('2');
    await first.stop();
    change('3');
    await bench.start();
    await follows('3');
    change('4');
    await follows('4');
    expect(bench.web().restartCount).toBe(0);
  });

  it('are out of reach for other users of the node, as logs are, in folders of an older kubelet too', async () => {
    const folders = [join(bench.root, 'pods'), join(bench.root, 'logs')];
    for (const folder of folders) await mkdir(folder, { mode: 0o755 });
    await bench.start();
    for (const folder of folders) expect((await stat(folder)).mode & 0o777).toBe(0o750);
  });

  it('start no container when they cannot be written, and say why', async () => {
    await bench.start();
    putConfigMap({ a: '1', b: '2' });
    bench.put(withVolume({ configMap: { name: 'c', items: [{ key: 'a', path: 'x' }, { key: 'b', path: 'x/y' }] } }));
    await bench.within(500, () => expect(bench.events('FailedMount').at(-1)).toMatch(/^MountVolume.SetUp failed for volume "v" : E\w+/));
    expect(bench.web().state?.waiting?.reason).toBe('ContainerCreating');
    expect(await bench.runtime.listContainers()).toEqual([]);
  });

  it('keep their token when the kubelet starts anew, and get no second one', async () => {
    bench.server.serviceAccounts.put({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'default' } });
    const first = await bench.start();
    bench.put({ ...withVolume({ projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } }), serviceAccountName: 'default' });
    await bench.running();
    await first.stop();
    await bench.start();
    bench.put({}, 'later');
    await bench.running('later');
    expect(bench.server.tokenRequests).toHaveLength(1);
    expect(bench.web().restartCount).toBe(0);
  });
});

describe("a pod's fsGroup", () => {
  it('owns what is in its volumes, and its containers belong to it', async () => {
    const gid = process.getgid?.() ?? 0;
    putConfigMap({ key: 'value' });
    await bench.start();
    bench.put({ ...withVolume({ configMap: { name: 'c', defaultMode: 0o400 } }), securityContext: { fsGroup: gid, supplementalGroups: [3000] } });
    await bench.running();
    const { mounts, securityContext } = bench.runtime.containerConfig(bench.id());
    expect(securityContext?.supplementalGroups).toEqual([gid, 3000]);
    const { mode, gid: owner } = await stat(join(mounts.find(({ containerPath }) => containerPath === '/etc/app')?.hostPath ?? '', 'key'));
    expect([mode & 0o777, owner]).toEqual([0o440, gid]);
  });
});

describe("a container's environment", () => {
  it('waits with CreateContainerConfigError until the object and its key are there', async () => {
    await bench.start();
    bench.put(envFrom([{ name: 'V', valueFrom: { configMapKeyRef: { name: 'c', key: 'k' } } }]));
    const waiting = () => bench.web().state?.waiting;
    await eventually(() => expect(waiting()).toEqual({ reason: 'CreateContainerConfigError', message: 'configmap "c" not found' }));
    expect(bench.events('Failed')).toEqual(['Error: configmap "c" not found']);
    putConfigMap({});
    await bench.within(1_000, () => expect(waiting()?.message).toBe("couldn't find key k in ConfigMap default/c"));
    putConfigMap({ k: 'value' });
    await bench.within(1_000, () => expect(bench.pod().status?.phase).toBe('Running'));
    expect(bench.runtime.containerConfig(bench.id()).env).toContainEqual({ name: 'V', value: 'value' });
  });

  it('is the same after a crash while the apiserver cannot be reached', async () => {
    await bench.start();
    putConfigMap({ k: 'value' });
    bench.put(envFrom([{ name: 'V', valueFrom: { configMapKeyRef: { name: 'c', key: 'k' } } }]));
    await bench.running();
    bench.server.configMaps.failNext(new ConnectionError('https://10.0.0.1:6443', 'connect ECONNREFUSED'), 100);
    bench.runtime.exitContainer(bench.id(), 1);
    await eventually(() => expect(bench.web()).toMatchObject({ restartCount: 1, state: { running: {} } }));
    expect(bench.runtime.containerConfig(bench.id()).env).toContainEqual({ name: 'V', value: 'value' });
  });
});

describe('the variables of services', () => {
  const env = (name = 'web') => Object.fromEntries(bench.runtime.containerConfig(bench.id(name)).env.map((variable) => [variable.name, variable.value]));
  const putService = (name: string, clusterIP: string, namespace = 'default') =>
    bench.server.services.put({ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec: { clusterIP, ports: [{ port: 80 }] } });

  it("tell of kubernetes and of the namespace's services that have an address", async () => {
    putService('kubernetes', '10.96.0.1');
    putService('web', '10.96.0.7');
    putService('headless', 'None');
    putService('far', '10.96.0.8', 'other');
    await bench.start();
    bench.put();
    await bench.running();
    expect(env()).toMatchObject({ KUBERNETES_SERVICE_HOST: '10.96.0.1', WEB_SERVICE_HOST: '10.96.0.7', WEB_PORT: 'tcp://10.96.0.7:80' });
    expect(Object.keys(env()).filter((name) => /^(HEADLESS|FAR)_/.test(name))).toEqual([]);
  });

  it('tell of kubernetes alone where the pod wants no links', async () => {
    putService('kubernetes', '10.96.0.1');
    putService('web', '10.96.0.7');
    await bench.start();
    bench.put({ enableServiceLinks: false });
    await bench.running();
    expect(env()).toMatchObject({ KUBERNETES_SERVICE_HOST: '10.96.0.1' });
    expect(env()).not.toHaveProperty('WEB_SERVICE_HOST');
  });

  it('name the apiserver itself where its address is given', async () => {
    putService('kubernetes', '10.96.0.1');
    await bench.start(['--kubernetes-service-endpoint', 'https://172.30.1.1:6443']);
    bench.put();
    await bench.running();
    expect(env()).toMatchObject({ KUBERNETES_SERVICE_HOST: '172.30.1.1', KUBERNETES_SERVICE_PORT: '6443', KUBERNETES_PORT: 'tcp://172.30.1.1:6443' });
  });

  it('are waited for: no container starts without them', async () => {
    bench.server.services.failNext(new Error('no answer'), 1_000);
    await bench.start();
    bench.put();
    const message = 'services have not yet been read at least once, cannot construct envvars';
    await bench.within(1_000, () => expect(bench.web().state?.waiting).toEqual({ reason: 'CreateContainerConfigError', message }));
  });
});

describe('a pod whose emptyDir has outgrown its limit', () => {
  it('is ended and failed as Evicted', async () => {
    await bench.start();
    bench.put(withVolume({ emptyDir: { sizeLimit: '10Ki' } }));
    await bench.running();
    const volume = bench.runtime.containerConfig(bench.id()).mounts.find(({ containerPath }) => containerPath === '/etc/app')?.hostPath ?? '';
    await writeFile(join(volume, 'large'), Buffer.alloc(50_000, 1));
    const message = 'Usage of EmptyDir volume "v" exceeds the limit "10Ki". ';
    await bench.within(1_000, () => expect(bench.pod().status).toMatchObject({ phase: 'Failed', reason: 'Evicted', message }));
    expect(bench.events('Evicted')).toEqual([message]);
    await bench.within(1_000, () => expect(bench.web().state?.terminated).toBeDefined());
    await eventually(() => expect(stat(volume)).rejects.toThrow('ENOENT'));
    await eventually(async () => expect([await bench.runtime.listContainers(), await bench.runtime.listPodSandboxes()]).toEqual([[], []]));
    await bench.within(60_000, () => expect(bench.pod().status).toMatchObject({ phase: 'Failed', reason: 'Evicted', containerStatuses: [{ state: { terminated: {} } }] }));
  });
});
