import { containerOf, isRunning, nodeOf, pidOf, podUntil } from '@podling/deploy/observe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyPod, closeNamespace, e2eWorld, openNamespace, toolboxPod } from '../harness/e2e-cluster.ts';

const world = e2eWorld('events');

beforeAll(() => openNamespace(world));
afterAll(() => closeNamespace(world));

async function counter(node: string, name: string): Promise<number> {
  const metrics = await world.client.rest.requestText({ method: 'GET', path: `/api/v1/nodes/${node}/proxy/metrics` });
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(metrics)?.[1] ?? Number.NaN);
}

describe("the runtime's container events", () => {
  it('[B3] feed the PLEG: the end of a process is told, not looked for', async () => {
    await applyPod(world, toolboxPod('watched', 'sleep 1000'));
    const pod = await podUntil(world, 'watched', 'Running', isRunning);
    const { name } = nodeOf(world, pod);
    const told = await counter(name, 'kubelet_evented_pleg_connection_latency_seconds_count');
    process.kill(await pidOf(world, pod), 'SIGKILL');
    const again = await podUntil(world, 'watched', 'Running again', (now) => isRunning(now) && containerOf(now).restartCount === 1);
    expect(containerOf(again).lastState?.terminated).toMatchObject({ exitCode: 137, reason: 'Error' });
    expect(await counter(name, 'kubelet_evented_pleg_connection_latency_seconds_count')).toBeGreaterThan(told + 1);
    expect(await counter(name, 'kubelet_evented_pleg_connection_success_count')).toBeGreaterThan(0);
  });
});
