import { statfs } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { containerOf, isRunning, pidOf, podUntil, waitUntil } from '@podling/deploy/observe';
import type { Pod } from '@podling/shared/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyPod, closeNamespace, e2eWorld, openNamespace, toolboxPod } from '../../harness/e2e-cluster.ts';
import { pressNode, type PressedNode } from '../../harness/pressed-node.ts';

const world = e2eWorld('pressure');
const pods = world.client.pods(world.namespace);
const [, node] = world.cluster.nodes;
if (!node) throw new Error('the cluster has no second node');

const mib = 1024 * 1024;
const disk = { kib: 96 * 1024, inodes: 4_000 };
/** Of all pods together. */
const podMemory = 500 * mib;
let pressed: PressedNode;

interface Hog {
  script: string;
  spec?: Record<string, unknown>;
  mounts?: Record<string, string>;
}

const hogs: Record<string, Hog> = {
  memory: {
    script: 'dd if=/dev/zero of=/one/file bs=1M count=180; dd if=/dev/zero of=/two/file bs=1M count=180',
    spec: { volumes: ['one', 'two'].map((name) => ({ name, emptyDir: { medium: 'Memory' } })) }, mounts: { one: '/one', two: '/two' },
  },
  disk: { script: 'dd if=/dev/zero of=/data/file bs=1M count=75', spec: { volumes: [{ name: 'data', emptyDir: {} }] }, mounts: { data: '/data' } },
  inodes: { script: 'i=0; while [ $i -lt 3000 ]; do i=$((i+1)); : > /data/$i; done', spec: { volumes: [{ name: 'data', emptyDir: {} }] }, mounts: { data: '/data' } },
  layer: { script: 'dd if=/dev/zero of=/file bs=1M count=700' },
};

/** Fills what it is named after, and waits. */
const hogOf = (name: string, { script, spec = {}, mounts = {} }: Hog): Record<string, unknown> => toolboxPod(name, `${script}; exec sleep 1000`, {
  spec: { nodeName: node.name, ...spec }, container: { volumeMounts: Object.entries(mounts).map(([volume, mountPath]) => ({ name: volume, mountPath })) },
});

/** Keeps to what it has asked for. */
const bystander = toolboxPod('bystander', 'exec sleep 1000', {
  spec: { nodeName: node.name }, container: { resources: { requests: { memory: '20Mi', 'ephemeral-storage': '20Mi' } } },
});

const conditions = async (): Promise<Record<string, string>> => {
  const { status, spec } = await world.client.nodes().get(node.name);
  const own = (status?.conditions ?? []).filter(({ type }) => type.endsWith('Pressure')).map(({ type, status: value }) => [type, value]);
  return { ...(Object.fromEntries(own) as Record<string, string>), taints: (spec?.taints ?? []).map(({ key }) => key.split('/')[1]).sort().join() };
};

const isEvicted = ({ status }: Pod): boolean => status?.phase === 'Failed' && status.reason === 'Evicted';
const calm = { MemoryPressure: 'False', DiskPressure: 'False', PIDPressure: 'False', taints: '' };

beforeAll(async () => {
  await openNamespace(world);
  const { bavail, bsize } = await statfs(node.paths.containerdRoot);
  pressed = await pressNode(node, disk, {
    evictionHard: { 'memory.available': '200Mi', 'nodefs.available': '30%', 'nodefs.inodesFree': '30%', 'imagefs.available': String(bavail * bsize - 400 * mib) },
    evictionPressureTransitionPeriod: '5s',
    systemReserved: { memory: String(totalmem() - podMemory) },
    containerLogMaxSize: '4Mi', containerLogMaxFiles: 3,
    imageMinimumGCAge: '1h',
  });
  await waitUntil('the node to be ready', async () => (await world.client.nodes().get(node.name)).status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false, { timeoutMs: 60_000 });
});
afterAll(async () => {
  await closeNamespace(world);
  await pressed.release();
});

describe('a node that runs full', () => {
  it.each([
    ['memory', 'MemoryPressure', 'memory-pressure', /^The node was low on resource: memory\. Threshold quantity: 200Mi, available: \S+\. Container main was using \S+, request is 0, has larger consumption of memory\. $/],
    ['disk', 'DiskPressure', 'disk-pressure', /^The node was low on resource: ephemeral-storage\. Threshold quantity: \S+, available: \S+\. /],
    ['inodes', 'DiskPressure', 'disk-pressure', /^The node was low on resource: inodes\. Threshold quantity: \S+, available: \S+\. /],
    ['layer', 'DiskPressure', 'disk-pressure', /^The node was low on resource: ephemeral-storage\. .*Container main was using \S+, request is 0, has larger consumption of ephemeral-storage\. $/],
  ])('of %s ends who has taken it and nobody else, says so, and recovers', async (name, condition, taint, message) => {
    if ((await pods.get('bystander').catch(() => undefined)) === undefined) await applyPod(world, bystander);
    const before = await podUntil(world, 'bystander', 'Running', isRunning);
    const pid = await pidOf(world, before);
    const starved = name === 'layer' || name === 'disk' ? 'ephemeral-storage' : name;
    await applyPod(world, hogOf(name, hogs[name] ?? expect.fail(name)));
    await waitUntil(`${condition} and its taint`, async () => {
      const found = await conditions();
      return found[condition] === 'True' && found['taints'] === taint;
    }, { timeoutMs: 90_000 });
    const evicted = await podUntil(world, name, 'evicted', isEvicted);
    expect(evicted.status?.message).toMatch(message);
    expect(evicted.status?.conditions).toContainEqual(expect.objectContaining({ type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet' }));
    const { items } = await world.client.events(world.namespace).list({ fieldSelector: `involvedObject.name=${name},reason=Evicted` });
    expect(items.map((event) => [event.message, event.metadata.annotations?.['starved_resource']])).toEqual([[evicted.status?.message, starved]]);
    const told = await world.client.events('default').list({ fieldSelector: `involvedObject.name=${node.name},reason=EvictionThresholdMet` });
    expect(told.items.map((event) => event.message)).toContain(`Attempting to reclaim ${starved}`);
    await waitUntil('the node to recover', async () => JSON.stringify(await conditions()) === JSON.stringify(calm), { timeoutMs: 90_000 });
    const after = await pods.get('bystander');
    expect([containerOf(after).restartCount, await pidOf(world, after), isRunning(after)]).toEqual([0, pid, true]);
    expect((await pods.list()).items.filter(isEvicted).map(({ metadata }) => metadata.name)).toContain(name);
  });
});
