import { containerOf, isRunning, podUntil } from '@podling/deploy/observe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyPod, closeNamespace, e2eWorld, openNamespace, toolboxPod } from '../harness/e2e-cluster.ts';
import { conditionOf, large, largeFigures, Resizes, small, smallFigures, watchCgroup } from '../harness/resizes.ts';

const world = e2eWorld('resize');
const resizes = new Resizes(world);

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
    await resizes.says('grows', smallFigures);
    await resizes.ask('grows', large);
    await resizes.inForce('grows', large);
    await resizes.says('grows', largeFigures);
    await resizes.ask('grows', small);
    const after = containerOf(await resizes.inForce('grows', small));
    await resizes.says('grows', smallFigures);
    expect(after).toMatchObject({ restartCount: 0, containerID: before.containerID, allocatedResources: small.requests });
  });

  it('restarts a container whose policy wants that', async () => {
    await podUntil(world, 'restarts', 'Running', isRunning);
    await resizes.ask('restarts', large);
    expect(containerOf(await resizes.inForce('restarts', large)).restartCount).toBe(1);
    await resizes.says('restarts', largeFigures);
  });

  it('says what cannot be: more than the node has, less memory than is used', async () => {
    await podUntil(world, 'full', 'Running', isRunning);
    await resizes.says('full', 'filled');
    await resizes.ask('full', small);
    const refused = await podUntil(world, 'full', 'refused', (pod) => conditionOf(pod, 'PodResizeInProgress')?.reason === 'Error');
    expect(conditionOf(refused, 'PodResizeInProgress')?.message).toMatch(/^cannot decrease memory limits: \[attempting to set pod memory limit \(33554432\) below current usage \(\d+\), attempting to set container "main" memory limit \(33554432\) below current usage \(\d+\)\]$/);
    expect(containerOf(refused)).toMatchObject({ allocatedResources: small.requests, resources: { limits: large.limits } });
    await resizes.ask('full', { requests: { cpu: '900', memory: '32Mi' }, limits: { cpu: '900', memory: '64Mi' } });
    await podUntil(world, 'full', 'Infeasible', (pod) => conditionOf(pod, 'PodResizePending')?.reason === 'Infeasible');
    await resizes.ask('full', large);
    expect(containerOf(await resizes.inForce('full', large)).restartCount).toBe(0);
  });
});
