import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { RunningKubelet } from './kubelet.ts';
import { KubeletBench } from './testing/kubelet-bench.ts';
import { tempDir } from './testing/temp-dir.ts';

let bench: KubeletBench;
let kubelet: RunningKubelet;

async function start(lines: string): Promise<void> {
  const root = await tempDir();
  const config = join(root, 'kubelet.yaml');
  await writeFile(config, `apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nhealthzPort: 0\n${lines}`);
  bench = new KubeletBench(join(root, 'kubelet'));
  bench.put({ terminationGracePeriodSeconds: 60 }, 'plain');
  bench.put({ terminationGracePeriodSeconds: 60, priority: 2_000_001_000 }, 'critical');
  kubelet = await bench.start([`--config=${config}`]);
  for (const name of ['plain', 'critical']) await bench.running(name);
}

afterEach(() => bench.stop());

const ended = { phase: 'Failed', reason: 'Terminated', message: 'Pod was terminated in response to imminent node shutdown.' };

const readyOf = () => bench.server.nodes.get('n1')?.status?.conditions?.find(({ type }) => type === 'Ready');

describe('a shutdown of the node', () => {
  it('ends pods by priority, as failed, and tells the cluster', async () => {
    await start('shutdownGracePeriod: 30s\nshutdownGracePeriodCriticalPods: 10s\n');
    const order: string[] = [];
    const stop = bench.runtime.stopContainer.bind(bench.runtime);
    const graces: number[] = [];
    bench.runtime.stopContainer = async (id, seconds, ...rest) => {
      const [container] = (await bench.runtime.listContainers()).filter((one) => one.id === id);
      order.push(container?.labels['io.kubernetes.pod.name'] ?? '');
      graces.push(seconds);
      return stop(id, seconds, ...rest);
    };
    let done = false;
    void kubelet.shutDownNode().then(() => (done = true));
    await bench.within(100, () => expect(done).toBe(true));
    expect([order, graces]).toEqual([['plain', 'critical'], [20, 10]]);
    for (const name of ['plain', 'critical']) {
      await bench.within(100, () => expect(bench.pod(name).status).toMatchObject(ended));
      expect(bench.pod(name).status?.conditions).toContainEqual(expect.objectContaining({ type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet' }));
    }
    await bench.within(100, () => expect(readyOf()).toMatchObject({ status: 'False', reason: 'KubeletNotReady', message: 'node is shutting down' }));
    expect(bench.events('NodeShutdown')).toEqual(['Shutdown manager detected shutdown event']);
    bench.put({}, 'late');
    await bench.within(100, () => expect(bench.pod('late').status).toMatchObject({ phase: 'Failed', reason: 'NodeShutdown', message: 'Pod was rejected as the node is shutting down.' }));
  });

  it('does not wait for a pod beyond its group\'s time', async () => {
    await start('shutdownGracePeriodByPodPriority: [{priority: 0, shutdownGracePeriodSeconds: 5}, {priority: 1000, shutdownGracePeriodSeconds: 3}]\n');
    bench.runtime.stopContainer = () => new Promise(() => undefined);
    const startMs = bench.clock.now();
    let done = false;
    void kubelet.shutDownNode().then(() => (done = true));
    await bench.within(100, () => expect(done).toBe(true));
    expect(bench.clock.now() - startMs).toBeGreaterThanOrEqual(8_000);
  });

  it('is not waited for where no time is configured, and a plain stop leaves pods alone', async () => {
    await start('');
    await kubelet.shutDownNode();
    await kubelet.stop();
    expect(await bench.runtime.listContainers({ state: 'CONTAINER_RUNNING' })).toHaveLength(2);
    expect(readyOf()?.status).toBe('True');
  });
});
