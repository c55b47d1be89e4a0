import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pod } from '@podling/shared/api';
import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from './testing/eventually.ts';
import { image, KubeletBench } from './testing/kubelet-bench.ts';
import { tempDir } from './testing/temp-dir.ts';

let bench: KubeletBench;
let folder: string;

async function start(): Promise<void> {
  const root = await tempDir();
  folder = join(root, 'manifests');
  await mkdir(folder);
  bench = new KubeletBench(join(root, 'kubelet'));
}

afterEach(() => bench.stop());

const manifest = (name: string, command = 'sleep'): object =>
  ({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { terminationGracePeriodSeconds: 5, containers: [{ name: 'web', image, command: [command] }] } });

const put = (file: string, content: object | string): Promise<void> => writeFile(join(folder, file), typeof content === 'string' ? content : JSON.stringify(content));

const run = () => bench.start([`--pod-manifest-path=${folder}`]);

const mirror = (name = 'web-n1'): Pod => bench.pod(name);

const shown = (name = 'web-n1') => bench.within(100, () => expect(mirror(name).status?.phase).toBe('Running'));

const containerIds = async (): Promise<string[]> => (await bench.runtime.listContainers()).map(({ id }) => id);

describe('static pods', () => {
  it('run, and are shown by a mirror that carries their status and belongs to the node', async () => {
    await start();
    await put('web.json', manifest('web'));
    await run();
    await shown();
    const { metadata } = mirror();
    const hash = metadata.annotations?.['kubernetes.io/config.hash'];
    expect(hash).toMatch(/^[0-9a-f]{32}$/);
    expect(metadata.annotations).toMatchObject({ 'kubernetes.io/config.mirror': hash, 'kubernetes.io/config.source': 'file' });
    expect(metadata.ownerReferences).toMatchObject([{ kind: 'Node', name: 'n1', controller: true }]);
    expect(metadata.uid).not.toBe(hash);
    expect(await bench.runtime.listContainers()).toMatchObject([{ labels: { 'io.kubernetes.pod.uid': hash } }]);
  });

  it('outlive the end of their mirror, which comes back', async () => {
    await start();
    await put('web.json', manifest('web'));
    await run();
    await shown();
    const [ids, uid] = [await containerIds(), mirror().metadata.uid];
    bench.server.pods.remove('default/web-n1');
    await bench.within(100, () => expect(mirror().metadata.uid).not.toBe(uid));
    await shown();
    bench.markDeleted('web-n1');
    await bench.within(100, () => expect(mirror().metadata.deletionTimestamp).toBeUndefined());
    await shown();
    expect(await containerIds()).toEqual(ids);
  });

  it('end with their file, and their mirror with them', async () => {
    await start();
    await put('web.json', manifest('web'));
    await run();
    await shown();
    await rm(join(folder, 'web.json'));
    await bench.within(1_000, async () => {
      expect(await containerIds()).toEqual([]);
      expect(bench.server.pods.get('default/web-n1')).toBeUndefined();
    });
  });

  it('are replaced when their file changes, one after the other', async () => {
    await start();
    await put('web.json', manifest('web'));
    await run();
    await shown();
    const hash = mirror().metadata.annotations?.['kubernetes.io/config.hash'];
    await put('web.json', manifest('web', 'other'));
    await bench.within(1_000, () => expect(mirror().metadata.annotations?.['kubernetes.io/config.mirror']).not.toBe(hash));
    await shown();
    expect(await containerIds()).toHaveLength(1);
  });

  it('keep their containers over a restart of the kubelet', async () => {
    await start();
    await put('web.json', manifest('web'));
    const kubelet = await run();
    await shown();
    const [ids, uid] = [await containerIds(), mirror().metadata.uid];
    await kubelet.stop();
    await run();
    await bench.within(1_000, () => expect(bench.server.pods.get('default/web-n1')?.status?.phase).toBe('Running'));
    expect([await containerIds(), mirror().metadata.uid]).toEqual([ids, uid]);
  });

  it('are not hurt by files that are no pods, which the node tells of', async () => {
    await start();
    await put('a.yaml', 'kind: [');
    await put('b.json', { ...manifest('web'), kind: 'Node' });
    await put('web.json', manifest('web'));
    await put('web2.json', manifest('web'));
    await run();
    await shown();
    await eventually(() => expect(bench.events('FailedValidation').map((text) => /manifests\/(\S+)/.exec(text)?.[1])).toEqual(['a.yaml', 'b.json', 'web2.json']));
  });

  it('run with no apiserver at all', async () => {
    await start();
    const { pods, nodes, services } = bench.server;
    for (const resource of [pods, nodes, services]) resource.failNext(new Error('away'), 10_000);
    await put('web.json', manifest('web'));
    await run();
    await bench.within(1_000, async () => expect(await bench.runtime.listContainers({ state: 'CONTAINER_RUNNING' })).toHaveLength(1));
  });

  it('leave nothing of a pod that ran when somebody called it a mirror', async () => {
    await start();
    await run();
    const pod = bench.put();
    await bench.running();
    bench.server.pods.put({ ...bench.pod(), metadata: { ...pod.metadata, annotations: { 'kubernetes.io/config.mirror': 'x' } } });
    bench.server.pods.remove('default/web');
    await bench.within(500, async () => expect(await bench.runtime.listPodSandboxes()).toEqual([]));
  });

  it('cannot be made at the apiserver', async () => {
    await start();
    bench.server.pods.put({ ...bench.put(), metadata: { ...bench.put().metadata, annotations: { 'kubernetes.io/config.source': 'file' } } });
    await run();
    await bench.running();
    bench.markDeleted();
    await bench.within(1_000, () => expect(bench.server.pods.get('default/web')).toBeUndefined());
  });
});
