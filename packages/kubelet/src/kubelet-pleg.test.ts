import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventually } from './testing/eventually.ts';
import { KubeletBench } from './testing/kubelet-bench.ts';
import { tempDir } from './testing/temp-dir.ts';

describe('a runtime that is seldom looked through', () => {
  it('leaves the node ready', async () => {
    const root = await tempDir();
    const bench = new KubeletBench(root);
    const file = join(root, 'kubelet.yaml');
    await writeFile(file, 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nsyncFrequency: 10m\n');
    await bench.start(['--config', file]);
    const ready = () => bench.server.nodes.get('n1')?.status?.conditions?.find(({ type }) => type === 'Ready');
    await eventually(() => expect(ready()?.status).toBe('True'));
    for (let second = 0; second < 240; second += 5) await bench.clock.advance(5_000);
    expect(ready()?.status).toBe('True');
    await bench.stop();
  });
});

describe('a runtime that no longer lists', () => {
  it('makes the node not ready after three minutes, with Kubernetes\' words, until it does again', async () => {
    const bench = new KubeletBench(await tempDir());
    await bench.start();
    const ready = () => bench.server.nodes.get('n1')?.status?.conditions?.find(({ type }) => type === 'Ready');
    await eventually(() => expect(ready()?.status).toBe('True'));
    const { runtime } = bench;
    const list = runtime.listContainers.bind(runtime);
    const hanging = Promise.withResolvers<never>();
    runtime.listContainers = () => hanging.promise;
    await bench.within(5_000, () => expect(ready()?.status).toBe('False'));
    expect(ready()?.reason).toBe('KubeletNotReady');
    expect(ready()?.message).toMatch(/^PLEG is not healthy: pleg was last seen active \dm[\d.]+s ago; threshold is 3m0s$/);
    runtime.listContainers = list;
    hanging.reject(new Error('given up'));
    await bench.within(5_000, () => expect(ready()?.status).toBe('True'));
    await bench.stop();
  });
});
