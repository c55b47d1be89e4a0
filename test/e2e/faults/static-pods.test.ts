import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isRunning, pidOf, podUntil, waitUntil } from '@podling/deploy/observe';
import { afterAll, describe, expect, it } from 'vitest';
import { e2eWorld, toolboxPod } from '../../harness/e2e-cluster.ts';
import { nodeContainers } from '../../harness/node-containers.ts';

const world = e2eWorld();
const node = world.cluster.nodes[0] ?? expect.fail('no node');
const mirror = `static-fault-${node.name}`;
const file = join(node.paths.manifests, 'static-fault.json');
const pods = world.client.pods(world.namespace);

afterAll(async () => {
  await rm(file, { force: true });
  await waitUntil('the mirror to be gone', () => pods.get(mirror).then(() => false, () => true), { timeoutMs: 60_000 });
  await world.client.close();
});

describe('a static pod', () => {
  it('needs no apiserver to start, and keeps its process when its kubelet is killed and started again', async () => {
    await world.cluster.process('apiserver').kill('SIGKILL');
    await world.cluster.process(`kubelet/${node.name}`).kill('SIGKILL');
    await writeFile(file, JSON.stringify(toolboxPod('static-fault', 'exec sleep 1000')));
    const starting = node.kubelet.start();
    await waitUntil('its container, with no apiserver', async () => {
      const own = (await nodeContainers(node)).find(({ labels }) => labels['io.kubernetes.pod.name'] === mirror && labels['io.kubernetes.container.name'] === 'main');
      return own !== undefined;
    }, { timeoutMs: 60_000 });
    await world.cluster.process('apiserver').start();
    await starting;
    const before = await podUntil(world, mirror, 'Running', isRunning, 90);
    const pid = await pidOf(world, before);
    await node.kubelet.kill('SIGKILL');
    await node.kubelet.start();
    const after = await podUntil(world, mirror, 'Running', isRunning);
    expect([after.metadata.uid, await pidOf(world, after)]).toEqual([before.metadata.uid, pid]);
  });
});
