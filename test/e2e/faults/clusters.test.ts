import { existsSync } from 'node:fs';
import { ensureImages } from '@podling/deploy/images';
import { openCluster } from '@podling/deploy/local';
import { isRunning, openWorld, pidOf, podUntil } from '@podling/deploy/observe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyPod, e2eWorld, toolboxPod } from '../../harness/e2e-cluster.ts';
import { remains, shimSockets } from '../../harness/remains.ts';

const cluster = openCluster('e2e-second');

beforeAll(() => cluster.down({ purge: true }));
afterAll(() => cluster.down({ purge: true }));

describe('a second cluster', () => {
  it('[M5] [E6] comes up beside the first, grows, goes down with its data, comes back, and leaves nothing when purged', async () => {
    const first = e2eWorld();
    await cluster.up({ nodes: 1 });
    let world = openWorld(cluster);
    expect((await world.client.nodes().list()).items).toHaveLength(1);
    expect((await first.client.nodes().list()).items).toHaveLength(2);
    await applyPod(world, toolboxPod('kept', 'sleep 1000'));
    const pod = await podUntil(world, 'kept', 'Running', isRunning);
    const pid = await pidOf(world, pod);
    await cluster.up({ nodes: 2 });
    expect(await pidOf(world, await podUntil(world, 'kept', 'Running', isRunning))).toBe(pid);
    expect((await cluster.status()).nodes.map(({ ready }) => ready)).toEqual(['Ready', 'Ready']);
    await cluster.restart('scheduler');
    await cluster.load((await ensureImages()).toolbox.tar);
    const sockets = shimSockets(cluster.name);
    expect(sockets).not.toEqual([]);
    expect(await remains(cluster.name)).toEqual(expect.arrayContaining(['link br-e2e-second', expect.stringContaining('--comment podling-e2e-second')]));
    await cluster.down();
    await world.client.close();
    expect((await cluster.status()).processes.filter((p) => p.pid !== undefined)).toEqual([]);
    await cluster.up();
    world = openWorld(cluster);
    await podUntil(world, 'kept', 'Running after the restart', (p) => isRunning(p) && p.metadata.uid === pod.metadata.uid, 90);
    sockets.push(...shimSockets(cluster.name));
    await world.client.close();
    await first.client.close();
    await cluster.down({ purge: true });
    expect(await remains(cluster.name)).toEqual([]);
    expect(sockets.filter((path) => existsSync(path))).toEqual([]);
  });
});
