import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { containerOf, isRunning, mustSucceed, podUntil, waitUntil } from '@podling/deploy/observe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyPod, closeNamespace, e2eWorld, openNamespace, toolboxPod } from '../../harness/e2e-cluster.ts';
import { SmallDisk } from '../../harness/small-disk.ts';

const world = e2eWorld('full-disk');
const pods = world.client.pods(world.namespace);
const [, node] = world.cluster.nodes;
if (!node) throw new Error('the cluster has no second node');
const folder = mkdtempSync('/tmp/podling-full-disk-');

beforeAll(() => openNamespace(world));
afterAll(async () => {
  await closeNamespace(world);
  rmSync(folder, { recursive: true });
});

const gone = async (name: string): Promise<void> => {
  await pods.delete(name);
  await waitUntil(`pod ${name} to be gone`, () => pods.get(name).then(() => false, () => true), { timeoutMs: 60_000 });
};

describe('a full disk', () => {
  it('under the pods keeps a pod from starting, says so, and is no trouble once there is room', async () => {
    const disk = await SmallDisk.over(join(node.paths.kubeletRoot, 'pods'), 512);
    try {
      disk.fill();
      await applyPod(world, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'large' }, data: { key: 'x'.repeat(100_000) } });
      await applyPod(world, toolboxPod('waiting', 'wc -c < /config/key; sleep 1000', {
        spec: { nodeName: node.name, volumes: [{ name: 'config', configMap: { name: 'large' } }] }, container: { volumeMounts: [{ name: 'config', mountPath: '/config' }] },
      }));
      await waitUntil('the pod to be told why', async () => (await world.client.events(world.namespace).list()).items
        .some(({ reason, message = '' }) => reason === 'FailedMount' && message.includes('ENOSPC')), { timeoutMs: 60_000 });
      expect((await pods.get('waiting')).status).toMatchObject({ phase: 'Pending', containerStatuses: [{ state: { waiting: { reason: 'ContainerCreating' } } }] });
      disk.makeRoom();
      const pod = await podUntil(world, 'waiting', 'Running', isRunning);
      expect(containerOf(pod).restartCount).toBe(0);
      await waitUntil('all of the volume', async () => (await mustSucceed(world.kubectl, ['logs', 'waiting'])).trim() === '100000', { timeoutMs: 30_000 });
      await gone('waiting');
      expect(existsSync(join(node.paths.kubeletRoot, 'pods', pod.metadata.uid ?? ''))).toBe(false);
    } finally {
      await disk.unmount();
    }
  });

  it('under the logs does not hold up a container that writes, whose log goes on once there is room', async () => {
    const disk = await SmallDisk.over(node.paths.podLogs, 4096);
    const written = (): number => Number(existsSync(join(folder, 'count')) ? readFileSync(join(folder, 'count'), 'utf8') : 0);
    try {
      const script = `line=$(printf %1000s); i=0; while :; do i=$((i+1)); echo "line $i $line"; echo $i > /runs/count; sleep 0.01; done`;
      await applyPod(world, toolboxPod('writer', script, {
        spec: { nodeName: node.name, volumes: [{ name: 'runs', hostPath: { path: folder } }] }, container: { volumeMounts: [{ name: 'runs', mountPath: '/runs' }] },
      }));
      await podUntil(world, 'writer', 'Running', isRunning);
      disk.fill();
      const [atFull, pipeLines] = [written(), 200];
      await waitUntil('more to be written than a pipe holds', () => Promise.resolve(written() > atFull + pipeLines), { timeoutMs: 60_000 });
      disk.makeRoom();
      const last = async (): Promise<number> => Number(/^line (\d+) /.exec(await mustSucceed(world.kubectl, ['logs', '--tail=1', 'writer']))?.[1]);
      await waitUntil('the log to go on', async () => (await last()) > atFull + pipeLines, { timeoutMs: 30_000 });
      expect(containerOf(await pods.get('writer')).restartCount).toBe(0);
      await gone('writer');
    } finally {
      await disk.unmount();
    }
  });
});
