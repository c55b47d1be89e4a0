import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Pod } from '@podling/shared/api';
import { containerOf, isRunning, nodeOf, podUntil, waitUntil } from '@podling/deploy/observe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyPod, closeNamespace, e2eWorld, openNamespace, toolboxPod } from '../../harness/e2e-cluster.ts';
import { whileHung } from '../../harness/hung-process.ts';

const world = e2eWorld('hung-runtime');
const pods = world.client.pods(world.namespace);
const [node] = world.cluster.nodes;
const folder = mkdtempSync('/tmp/podling-hung-');

beforeAll(() => openNamespace(world));
afterAll(async () => {
  await closeNamespace(world);
  rmSync(folder, { recursive: true });
});

const probe = { exec: { command: ['true'] }, periodSeconds: 1, timeoutSeconds: 1, failureThreshold: 1 };
const isReady = (pod: Pod): boolean => isRunning(pod) && containerOf(pod).ready;
const eventsOf = async (reason: string, name: string) => (await world.client.events(world.namespace).list()).items
  .filter((event) => event.reason === reason && event.involvedObject.name === name).map(({ message = '' }) => message);

/** Each run of its container adds a line to the file of its name. */
function start(name: string, container: object = {}): Promise<string> {
  const script = `echo run >> /runs/${name}; trap "exit 0" TERM; while :; do sleep 0.2; done`;
  return applyPod(world, toolboxPod(name, script, {
    spec: { nodeName: node?.name, volumes: [{ name: 'runs', hostPath: { path: folder } }] },
    container: { volumeMounts: [{ name: 'runs', mountPath: '/runs' }], ...container },
  }));
}

describe('a containerd that hangs', () => {
  it('is no verdict on any container; what was begun meanwhile is done once afterwards', async () => {
    await Promise.all([start('probed', { livenessProbe: probe, readinessProbe: probe }), start('leaving')]);
    const before = await podUntil(world, 'probed', 'ready', isReady);
    await podUntil(world, 'leaving', 'Running', isRunning);
    await whileHung(nodeOf(world, before).containerd.pid, async () => {
      await Promise.all([start('coming', { livenessProbe: probe }), pods.delete('leaving')]);
      await waitUntil('the runtime to have missed a deadline', async () => (await eventsOf('FailedSync', 'coming')).length > 0, { timeoutMs: 60_000 });
    });
    await podUntil(world, 'coming', 'Running', isRunning);
    await waitUntil('the deleted pod to be gone', () => pods.get('leaving').then(() => false, () => true), { timeoutMs: 60_000 });
    const after = await podUntil(world, 'probed', 'ready', isReady);
    expect(containerOf(after)).toMatchObject({ restartCount: 0, containerID: containerOf(before).containerID });
    expect([...(await eventsOf('Killing', 'probed')), ...(await eventsOf('Killing', 'coming'))]).toEqual([]);
    for (const name of ['probed', 'leaving', 'coming']) expect(readFileSync(join(folder, name), 'utf8')).toBe('run\n');
  });
});
