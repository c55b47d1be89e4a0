import { readFileSync } from 'node:fs';
import { containerOf, isRunning, mustSucceed, podUntil, waitUntil } from '@podling/deploy/observe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyPod, closeNamespace, e2eWorld, openNamespace, toolboxPod } from '../../harness/e2e-cluster.ts';
import { nodeContainers } from '../../harness/node-containers.ts';

const world = e2eWorld('crash-loops');
const { nodes } = world.cluster;
const pods = world.client.pods(world.namespace);
const perNode = 100;

beforeAll(() => openNamespace(world));
afterAll(() => closeNamespace(world));

function residentMiB(pid: number | undefined): number {
  const [, kib] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib) / 1024;
}

const memory = (): number[] => nodes.map(({ kubelet }) => residentMiB(kubelet.pid));

async function restartCounts(): Promise<number[]> {
  return (await pods.list()).items.filter(({ metadata }) => metadata.name.startsWith('crash')).map((pod) => pod.status?.containerStatuses?.[0]?.restartCount ?? 0);
}

describe('two hundred crash loops at once', () => {
  it('are held back, tell little, delay no healthy pod and leave nothing', async () => {
    const names = nodes.flatMap(({ name }) => Array.from({ length: perNode }, (_, index) => ({ nodeName: name, podName: `crash-${name}-${index}` })));
    const manifests = names.map(({ nodeName, podName }) => toolboxPod(podName, 'exit 1', { spec: { nodeName } }));
    await mustSucceed(world.kubectl, ['apply', '-f', '-'], manifests.map((manifest) => JSON.stringify(manifest)).join('\n---\n'));
    const startedMs = performance.now();
    await waitUntil('every pod to have been restarted twice', async () => Math.min(...(await restartCounts())) >= 2, { timeoutMs: 600_000 });
    const before = memory();
    for (const { name } of nodes) {
      await applyPod(world, toolboxPod(`healthy-${name}`, 'sleep 1000', { spec: { nodeName: name } }));
      await podUntil(world, `healthy-${name}`, 'Running', isRunning, 60);
    }
    await waitUntil('every pod to have been restarted four times', async () => Math.min(...(await restartCounts())) >= 4, { timeoutMs: 600_000 });
    const passedSeconds = (performance.now() - startedMs) / 1_000;
    expect(Math.max(...(await restartCounts()))).toBeLessThanOrEqual(2 + Math.log2(passedSeconds / 10 + 1));
    const events = (await world.client.events(world.namespace).list()).items;
    expect(events.length).toBeLessThanOrEqual(names.length * 12);
    for (const [index, after] of memory().entries()) expect(after - (before[index] ?? 0)).toBeLessThan(100);
    for (const { name } of nodes) expect(containerOf(await pods.get(`healthy-${name}`)).restartCount).toBe(0);
    await mustSucceed(world.kubectl, ['delete', 'pods', '--all', '--grace-period=1', '--timeout', '300s']);
    const left = async (): Promise<string[]> => (await Promise.all(nodes.map((node) => nodeContainers(node)))).flat()
      .filter(({ labels }) => labels['io.kubernetes.pod.namespace'] === world.namespace).map(({ id }) => id);
    await waitUntil('nothing to be left on the nodes', async () => (await left()).length === 0, { timeoutMs: 60_000 });
  });
});
