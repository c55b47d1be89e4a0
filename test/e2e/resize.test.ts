import { containerOf, isRunning, nodeOf, podUntil } from '@podling/deploy/observe';
import type { Pod } from '@podling/shared/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyPod, closeNamespace, e2eWorld, openNamespace, toolboxPod } from '../harness/e2e-cluster.ts';

const world = e2eWorld('resize');
const conditionOf = (pod: Pod, type: string) => pod.status?.conditions?.find((condition) => condition.type === type);
const settled = (pod: Pod): boolean => conditionOf(pod, 'PodResizePending') === undefined && conditionOf(pod, 'PodResizeInProgress') === undefined;

interface Amounts {
  requests: Record<string, string>;
  limits: Record<string, string>;
}


/** Tells what its cgroup allows, again and again, on cgroup v1 or v2. */
const watchCgroup = `cd /sys/fs/cgroup; while true; do
  if [ -e cgroup.controllers ]; then echo $(cat cpu.max memory.max); else echo $(cat cpu/cpu.cfs_quota_us cpu/cpu.cfs_period_us memory/memory.limit_in_bytes); fi
  sleep 0.2
done`;

function resize(name: string, resources: Amounts): Promise<Pod> {
  return world.client.rest.request<Pod>({
    method: 'PATCH',
    path: `/api/v1/namespaces/${world.namespace}/pods/${name}/resize`,
    contentType: 'application/strategic-merge-patch+json',
    body: { spec: { containers: [{ name: 'main', resources }] } },
  });
}

const inForce = (name: string, { limits }: Amounts): Promise<Pod> => podUntil(world, name, `to have ${JSON.stringify(limits)}`, (pod) => {
  const { memory, cpu } = containerOf(pod).resources?.limits ?? {};
  return isRunning(pod) && settled(pod) && memory === limits['memory'] && cpu === limits['cpu'];
});
const lastLine = async (name: string): Promise<string> =>
  (await world.client.rest.requestText({ path: `/api/v1/namespaces/${world.namespace}/pods/${name}/log`, query: { tailLines: '1' } })).trim();
/** Quota and period of the CPU in microseconds, bytes of memory. */
const allows = (name: string, figures: string) => expect.poll(() => lastLine(name), { timeout: 20_000 }).toBe(figures);
const small: Amounts = { requests: { cpu: '50m', memory: '32Mi' }, limits: { cpu: '500m', memory: '32Mi' } };
const large: Amounts = { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '750m', memory: '64Mi' } };

beforeAll(async () => {
  await openNamespace(world);
  const restart = [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }];
  await Promise.all([
    applyPod(world, toolboxPod('grows', watchCgroup, { container: { resources: small } })),
    applyPod(world, toolboxPod('restarts', watchCgroup, { container: { resources: small, resizePolicy: restart } })),
    applyPod(world, toolboxPod('full', 'mkdir /m; head -c 40000000 /dev/zero > /m/zeros; echo filled; sleep 1000', {
      container: { resources: large, volumeMounts: [{ name: 'm', mountPath: '/m' }] }, spec: { volumes: [{ name: 'm', emptyDir: { medium: 'Memory' } }] },
    })),
  ]);
});
afterAll(() => closeNamespace(world));

describe('resizing a running pod', () => {
  it('changes what its cgroup allows, up and down, without a restart', async () => {
    const before = containerOf(await podUntil(world, 'grows', 'Running', isRunning));
    await allows('grows', '50000 100000 33554432');
    await resize('grows', large);
    await inForce('grows', large);
    await allows('grows', '75000 100000 67108864');
    await resize('grows', small);
    const after = containerOf(await inForce('grows', small));
    await allows('grows', '50000 100000 33554432');
    expect(after).toMatchObject({ restartCount: 0, containerID: before.containerID, allocatedResources: small.requests });
  });

  it('restarts a container whose policy wants that', async () => {
    await podUntil(world, 'restarts', 'Running', isRunning);
    await resize('restarts', large);
    expect(containerOf(await inForce('restarts', large)).restartCount).toBe(1);
    await allows('restarts', '75000 100000 67108864');
  });

  it('says what cannot be: more than the node has, less memory than is used', async () => {
    await podUntil(world, 'full', 'Running', isRunning);
    await allows('full', 'filled');
    await resize('full', small);
    const refused = await podUntil(world, 'full', 'refused', (pod) => conditionOf(pod, 'PodResizeInProgress')?.reason === 'Error');
    expect(conditionOf(refused, 'PodResizeInProgress')?.message).toMatch(/^cannot decrease memory limits: \[attempting to set pod memory limit \(33554432\) below current usage \(\d+\), attempting to set container "main" memory limit \(33554432\) below current usage \(\d+\)\]$/);
    expect(containerOf(refused)).toMatchObject({ allocatedResources: small.requests, resources: { limits: large.limits } });
    await resize('full', { requests: { cpu: '900', memory: '32Mi' }, limits: { cpu: '900', memory: '64Mi' } });
    await podUntil(world, 'full', 'Infeasible', (pod) => conditionOf(pod, 'PodResizePending')?.reason === 'Infeasible');
    await resize('full', large);
    expect(containerOf(await inForce('full', large)).restartCount).toBe(0);
  });

  it('is remembered by a kubelet that is killed and starts anew', async () => {
    await resize('grows', large);
    const pod = await inForce('grows', large);
    const { kubelet } = nodeOf(world, pod);
    await kubelet.kill('SIGKILL');
    await resize('grows', small);
    await kubelet.start();
    expect(containerOf(await inForce('grows', small)).restartCount).toBe(0);
    await allows('grows', '50000 100000 33554432');
  });
});
