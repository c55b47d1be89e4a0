import { isRunning, mustSucceed, pidOf, podUntil, waitUntil } from '@podling/deploy/observe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyPod, deletePods, e2eWorld, toolboxPod } from '../../harness/e2e-cluster.ts';

const world = e2eWorld();
const [first] = world.cluster.nodes;
const node = first?.name ?? '';

beforeAll(() => deletePods(world));
afterAll(async () => {
  await deletePods(world);
  await world.client.close();
});

const ready = async (): Promise<string | undefined> =>
  (await world.client.nodes().get(node)).status?.conditions?.find(({ type }) => type === 'Ready')?.status;
const taints = async (): Promise<string[]> => ((await world.client.nodes().get(node)).spec?.taints ?? []).map(({ key }) => key);

describe('a node', () => {
  it('[E6] registers with capacity, allocatable, addresses, podCIDR, conditions and a lease', async () => {
    const { spec, status } = await world.client.nodes().get(node);
    expect(spec?.podCIDR).toMatch(/\/24$/);
    expect(status?.addresses).toContainEqual({ type: 'InternalIP', address: first?.ip });
    expect(Number(status?.capacity?.['cpu'])).toBeGreaterThan(0);
    expect(status?.allocatable).toMatchObject({ pods: '110' });
    expect(status?.conditions?.map(({ type }) => type)).toEqual(expect.arrayContaining(['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure']));
    expect(status?.nodeInfo?.containerRuntimeVersion).toMatch(/^containerd:\/\//);
    const lease = await world.client.leases('kube-node-lease').get(node);
    expect(lease.spec?.holderIdentity).toBe(node);
  });

  it('[E6] is NotReady and tainted without its kubelet, keeps its containers, and is Ready again when it is back', async () => {
    await applyPod(world, toolboxPod('resident', 'sleep 1000', { spec: { nodeSelector: { 'kubernetes.io/hostname': node } } }));
    const pid = await pidOf(world, await podUntil(world, 'resident', 'Running', isRunning));
    await first?.kubelet.kill('SIGKILL');
    await waitUntil('Ready=Unknown', async () => (await ready()) === 'Unknown', { timeoutMs: 90_000 });
    expect(await mustSucceed(world.kubectl, ['get', 'node', node])).toContain('NotReady');
    await waitUntil('the unreachable taint', async () => (await taints()).includes('node.kubernetes.io/unreachable'), { timeoutMs: 30_000 });
    await applyPod(world, toolboxPod('elsewhere', 'sleep 1000'));
    const elsewhere = await podUntil(world, 'elsewhere', 'Running on the other node', isRunning);
    expect(elsewhere.spec.nodeName).not.toBe(node);
    await first?.kubelet.start();
    await waitUntil('Ready=True', async () => (await ready()) === 'True', { timeoutMs: 60_000 });
    await waitUntil('no taints', async () => (await taints()).length === 0, { timeoutMs: 30_000 });
    expect(await pidOf(world, await podUntil(world, 'resident', 'Running', isRunning))).toBe(pid);
  });

  it('[E7] [E8] a pod that fits nowhere says why, in its condition, in an Event and in describe', async () => {
    await applyPod(world, toolboxPod('huge', 'sleep 1', { container: { resources: { requests: { cpu: '500' } } } }));
    const pod = await podUntil(world, 'huge', 'unschedulable', (p) =>
      (p.status?.conditions ?? []).some(({ type, status, reason }) => type === 'PodScheduled' && status === 'False' && reason === 'Unschedulable'),
    );
    expect(pod.status?.conditions?.find(({ type }) => type === 'PodScheduled')?.message).toMatch(/^0\/2 nodes are available: 2 Insufficient cpu/);
    const seen = await waitUntil(
      'the Event in describe',
      async () => {
        const text = await mustSucceed(world.kubectl, ['describe', 'pod', 'huge']);
        return text.includes('FailedScheduling') && text;
      },
      { timeoutMs: 30_000 },
    );
    expect(seen).toContain('2 Insufficient cpu');
  });

  it('[E7] a placed pod shows where it was put in describe', async () => {
    await applyPod(world, toolboxPod('placed', 'sleep 1000'));
    const pod = await podUntil(world, 'placed', 'Running', isRunning);
    const text = await mustSucceed(world.kubectl, ['describe', 'pod', 'placed']);
    expect(text).toContain(`Successfully assigned default/placed to ${pod.spec.nodeName}`);
  });
});
