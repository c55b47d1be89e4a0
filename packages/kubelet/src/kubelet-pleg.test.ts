import { describe, expect, it } from 'vitest';
import { eventually } from './testing/eventually.ts';
import { KubeletBench } from './testing/kubelet-bench.ts';
import { tempDir } from './testing/temp-dir.ts';

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
