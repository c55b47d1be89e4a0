import { availableParallelism } from 'node:os';
import type { Container, Pod, PodCondition } from '@podling/shared/api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from './testing/eventually.ts';
import { image, KubeletBench } from './testing/kubelet-bench.ts';
import { tempDir } from './testing/temp-dir.ts';

const nodeCpu = availableParallelism() * 1000;

function sized(requests: Record<string, string>, limits: Record<string, string> = requests, parts: Partial<Container> = {}): Container {
  return { name: 'web', image, resources: { requests, limits }, ...parts };
}

describe('kubelet resizing a pod', () => {
  let bench: KubeletBench;

  beforeEach(async () => {
    bench = new KubeletBench(await tempDir());
    await start();
  });
  afterEach(() => bench.stop());

  /** Nothing is granted before the node has been told what it has. */
  async function start(): Promise<void> {
    await bench.start();
    await bench.within(500, () => expect(bench.server.nodes.get('n1')?.status?.allocatable).toBeDefined());
  }

  async function run(container: Container, name = 'web'): Promise<void> {
    bench.put({ containers: [container] }, name);
    await bench.running(name);
  }

  /** As `pods/resize` stores it. */
  function resize(container: Container, name = 'web'): Pod {
    const pod = bench.pod(name);
    const metadata = { ...pod.metadata, generation: (pod.metadata.generation ?? 1) + 1 };
    return bench.server.pods.put({ ...pod, metadata, spec: { ...pod.spec, containers: [container] } });
  }

  const condition = (type: string, name = 'web'): PodCondition | undefined => bench.pod(name).status?.conditions?.find((candidate) => candidate.type === type);
  const inForce = async (name = 'web') => (await bench.runtime.containerStatus(bench.id(name))).resources;

  it('gives a running container more and less, without a restart', async () => {
    await run(sized({ cpu: '100m', memory: '64Mi' }));
    const id = bench.id();
    for (const [cpu, memory, shares, quota, bytes] of [['200m', '128Mi', 204, 20_000, 2 ** 27], ['50m', '32Mi', 51, 5_000, 2 ** 25]] as const) {
      resize(sized({ cpu, memory }));
      await eventually(() => expect(bench.web()).toMatchObject({ allocatedResources: { cpu, memory }, resources: { requests: { cpu, memory }, limits: { cpu, memory } } }));
      expect(await inForce()).toMatchObject({ cpuShares: shares, cpuQuota: quota, memoryLimitBytes: bytes });
      await eventually(() => expect(condition('PodResizeInProgress')).toBeUndefined());
    }
    expect([bench.id(), bench.web().restartCount]).toEqual([id, 0]);
    await eventually(() => expect(bench.events('ResizeCompleted')).toHaveLength(2));
    expect(bench.events('ResizeStarted')[0]).toBe(
      'Pod resize started: {"containers":[{"name":"web","resources":{"requests":{"cpu":"200m","memory":"128Mi"},"limits":{"cpu":"200m","memory":"128Mi"}}}],"generation":2}',
    );
  });

  it('grants the same room once, to whichever of two asks first', async () => {
    const names = ['web', 'other'];
    for (const name of names) await run(sized({ cpu: '100m' }), name);
    for (const name of names) resize(sized({ cpu: `${nodeCpu * 0.6}m` }), name);
    await eventually(() => expect(new Set(names.map((name) => condition('PodResizePending', name)?.reason))).toEqual(new Set(['Deferred', undefined])));
  });

  it('restarts a container whose policy wants it for what changes, and only then', async () => {
    const resizePolicy = [{ resourceName: 'memory', restartPolicy: 'RestartContainer' as const }, { resourceName: 'cpu', restartPolicy: 'NotRequired' as const }];
    await run(sized({ cpu: '100m', memory: '64Mi' }, undefined, { resizePolicy }));
    resize(sized({ cpu: '200m', memory: '64Mi' }, undefined, { resizePolicy }));
    await eventually(async () => expect(await inForce()).toMatchObject({ cpuQuota: 20_000 }));
    expect(bench.web().restartCount).toBe(0);
    resize(sized({ cpu: '200m', memory: '65Mi' }, undefined, { resizePolicy }));
    await eventually(() => expect(bench.web()).toMatchObject({ restartCount: 1, state: { running: {} }, allocatedResources: { memory: '65Mi' } }));
    expect(bench.events('Killing')).toEqual(['Container web resize requires restart']);
    expect(await inForce()).toMatchObject({ memoryLimitBytes: 65 * 2 ** 20 });
    await eventually(() => expect(bench.events('ResizeCompleted')).toHaveLength(2));
    expect(bench.web().restartCount).toBe(1);
  });

  it('defers what others leave no room for, until they go', async () => {
    const half = `${nodeCpu / 2}m`;
    await run(sized({ cpu: half }), 'other');
    await run(sized({ cpu: '100m' }));
    resize(sized({ cpu: `${nodeCpu - 100}m` }));
    await eventually(() => expect(condition('PodResizePending')).toMatchObject({ status: 'True', reason: 'Deferred', observedGeneration: 2 }));
    expect(condition('PodResizePending')?.message).toBe(`Node didn't have enough resource: cpu, requested: ${nodeCpu - 100}, used: ${nodeCpu / 2}, capacity: ${nodeCpu}`);
    expect(bench.web()).toMatchObject({ allocatedResources: { cpu: '100m' } });
    bench.markDeleted('other');
    await eventually(() => expect(bench.web()).toMatchObject({ allocatedResources: { cpu: `${nodeCpu - 100}m` } }));
    await eventually(() => expect(condition('PodResizePending')).toBeUndefined());
    expect(bench.events('ResizeDeferred')).toHaveLength(1);
  });

  it('refuses what the node could never give, and takes it back with the wish', async () => {
    await run(sized({ cpu: '100m' }));
    resize(sized({ cpu: '9999' }));
    const message = `Node didn't have enough capacity: cpu, requested: 9999000, capacity: ${nodeCpu}`;
    await eventually(() => expect(condition('PodResizePending')).toMatchObject({ reason: 'Infeasible', message }));
    expect(bench.events('ResizeInfeasible')[0]).toContain(`"error":"${message}"`);
    resize(sized({ cpu: '100m' }));
    await eventually(() => expect(condition('PodResizePending')).toBeUndefined());
  });

  it('does not limit memory to less than is used, and tries again', async () => {
    await run(sized({ memory: '64Mi' }));
    bench.runtime.setStats(bench.id(), { cpuUsageNanoSeconds: 0n, memoryUsageBytes: 40 * 2 ** 20 });
    resize(sized({ memory: '32Mi' }));
    const message = 'cannot decrease memory limits: attempting to set container "web" memory limit (33554432) below current usage (41943040)';
    await eventually(() => expect(condition('PodResizeInProgress')).toMatchObject({ status: 'True', reason: 'Error', message }));
    expect(bench.web()).toMatchObject({ allocatedResources: { memory: '32Mi' }, resources: { limits: { memory: '64Mi' } } });
    expect(bench.events('ResizeError')).toHaveLength(1);
    bench.runtime.setStats(bench.id(), { cpuUsageNanoSeconds: 0n, memoryUsageBytes: 20 * 2 ** 20 });
    await bench.within(1_000, () => expect(bench.web()).toMatchObject({ resources: { limits: { memory: '32Mi' } } }));
    await eventually(() => expect(condition('PodResizeInProgress')).toBeUndefined());
  });

  it('remembers over a restart what was granted and what was not', async () => {
    await run(sized({ cpu: '100m' }));
    resize(sized({ cpu: '200m' }));
    await eventually(() => expect(bench.web()).toMatchObject({ resources: { limits: { cpu: '200m' } } }));
    await bench.stop();
    resize(sized({ cpu: '9999' }));
    await start();
    await bench.within(500, () => expect(condition('PodResizePending')).toMatchObject({ reason: 'Infeasible' }));
    expect(await inForce()).toMatchObject({ cpuQuota: 20_000 });
    expect(bench.web()).toMatchObject({ allocatedResources: { cpu: '200m' }, restartCount: 0 });
  });

  it('ends what the kubelet before has begun', async () => {
    await run(sized({ memory: '64Mi' }));
    bench.runtime.setStats(bench.id(), { cpuUsageNanoSeconds: 0n, memoryUsageBytes: 40 * 2 ** 20 });
    resize(sized({ memory: '32Mi' }));
    await eventually(() => expect(condition('PodResizeInProgress')?.reason).toBe('Error'));
    await bench.stop();
    bench.runtime.setStats(bench.id(), { cpuUsageNanoSeconds: 0n, memoryUsageBytes: 0 });
    await bench.clock.advance(1_000);
    await start();
    await bench.within(500, () => expect(condition('PodResizeInProgress')).toBeUndefined());
    expect(await inForce()).toMatchObject({ memoryLimitBytes: 2 ** 25 });
    await eventually(() => expect(bench.events('ResizeCompleted')).toHaveLength(1));
  });

  it('checks a resize that was asked for while no kubelet ran', async () => {
    await run(sized({ cpu: '100m' }));
    await bench.stop();
    resize(sized({ cpu: '150m' }));
    await bench.start();
    await bench.within(500, async () => expect(await inForce()).toMatchObject({ cpuQuota: 15_000 }));
    expect(bench.events('ResizeStarted')).toHaveLength(1);
    expect(bench.web().restartCount).toBe(0);
  });
});
