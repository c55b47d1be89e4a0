import { mkdtempSync, rmSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { containerOf, isRunning, mustSucceed, pidOf, podUntil, waitUntil, type World } from '@podling/deploy/observe';
import { ctrArgs, ctrPath } from '@podling/deploy/local';
import type { ClusterNode } from '@podling/deploy/local';
import type { Pod } from '@podling/shared/api';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { applyPod, closeNamespace, eventsOf, openNamespace, soon, toolboxPod } from './e2e-cluster.ts';
import { pressNode, type PressedNode } from './pressed-node.ts';
import { busyboxArchive } from './registry.ts';

const mib = 1024 * 1024;
const diskKib = 112 * 1024;
/** Of all pods together. */
const podMemory = 500 * mib;
const logLimits = { containerLogMaxSize: '4Mi', containerLogMaxFiles: 3 };
const logLimitBytes = 3 * 4 * mib;
const longestLineBytes = 17 * 1024;

const settings = {
  evictionHard: { 'memory.available': '200Mi', 'nodefs.available': '30%', 'nodefs.inodesFree': '30%', 'imagefs.available': '30%' },
  evictionPressureTransitionPeriod: '5s',
  systemReserved: { memory: String(totalmem() - podMemory) },
  // The images are needed afterwards.
  imageMinimumGCAge: '1h',
  ...logLimits,
};

/** The disk in a soft way. The first look finds too little, so that the grace is over by the second. */
const softSettings = {
  ...settings,
  evictionHard: { 'memory.available': '200Mi' },
  evictionSoft: { 'nodefs.available': '65%' },
  evictionSoftGracePeriod: { 'nodefs.available': '1s' },
  evictionMaxPodGracePeriod: 2,
  imageMinimumGCAge: '1ms',
};

interface Hog {
  /** What it takes. */
  resource: 'memory' | 'ephemeral-storage' | 'inodes';
  spec: Record<string, unknown>;
}

type Mounts = Record<string, object>;

const containerOfHog = (name: string, script: string, mounts: Mounts = {}): Record<string, unknown> => ({
  name, image: 'podling.local/toolbox:1', command: ['sh', '-c', `${script}; exec sleep 1000`],
  volumeMounts: Object.keys(mounts).map((volume) => ({ name: volume, mountPath: `/${volume}` })),
});

const hogSpec = (script: string, emptyDirs: Mounts = {}): Record<string, unknown> => ({
  volumes: Object.entries(emptyDirs).map(([name, emptyDir]) => ({ name, emptyDir })), containers: [containerOfHog('main', script, emptyDirs)],
});

/** Pods that fill what they are named after, and wait. */
const hogs = {
  // Two, since one may be no larger than what is left above the threshold.
  memory: { resource: 'memory', spec: hogSpec('for volume in one two; do dd if=/dev/zero of=/$volume/file bs=1M count=180; done', { one: { medium: 'Memory' }, two: { medium: 'Memory' } }) },
  emptydir: { resource: 'ephemeral-storage', spec: hogSpec('dd if=/dev/zero of=/data/file bs=1M count=85', { data: {} }) },
  inodes: { resource: 'inodes', spec: hogSpec('i=0; while [ $i -lt 3000 ]; do i=$((i+1)); : > /data/$i; done', { data: {} }) },
  layer: { resource: 'ephemeral-storage', spec: hogSpec('dd if=/dev/zero of=/file bs=1M count=85') },
  logs: { resource: 'ephemeral-storage', spec: { containers: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) => containerOfHog(name, 'yes "a line of the log" | head -c 40000000')) } },
} satisfies Record<string, Hog>;

export type HogName = keyof typeof hogs;

const messages: Record<Hog['resource'], RegExp> = {
  memory: /^The node was low on resource: memory\. Threshold quantity: 200Mi, available: \S+\. Container main was using \S+, request is 0, has larger consumption of memory\. $/,
  'ephemeral-storage': /^The node was low on resource: ephemeral-storage\. Threshold quantity: \S+, available: \S+\. (Container \w+ was using \S+, request is 0, has larger consumption of ephemeral-storage\. )*$/,
  inodes: /^The node was low on resource: inodes\. Threshold quantity: \S+, available: \S+\. $/,
};

/** Keeps to what it has asked for. */
const bystander = (node: ClusterNode): Record<string, unknown> => toolboxPod('bystander', 'exec sleep 1000', {
  spec: { nodeName: node.name }, container: { resources: { requests: { memory: '20Mi', 'ephemeral-storage': '20Mi' } } },
});

const isEvicted = ({ status }: Pod): boolean => status?.phase === 'Failed' && status.reason === 'Evicted';

/** A node with little of everything, and a pod on it that keeps to what it has asked for. */
export class PressedGround {
  readonly world: World;
  readonly node: ClusterNode;
  #pressed: PressedNode | undefined;
  #pid = 0;

  constructor(world: World, node: ClusterNode) {
    this.world = world;
    this.node = node;
    beforeAll(() => this.#start());
    afterAll(async () => {
      await closeNamespace(world);
      await this.pressed.release();
    });
  }

  get pressed(): PressedNode {
    if (this.#pressed === undefined) throw new Error('the node is not pressed yet');
    return this.#pressed;
  }

  async bystanderIsUnharmed(): Promise<void> {
    const after = await this.world.client.pods(this.world.namespace).get('bystander');
    expect([isRunning(after), containerOf(after).restartCount, await pidOf(this.world, after)]).toEqual([true, 0, this.#pid]);
  }

  async #start(): Promise<void> {
    const { world, node } = this;
    await openNamespace(world);
    this.#pressed = await pressNode(node, { kib: diskKib, inodes: 4_000 }, settings);
    await applyPod(world, bystander(node));
    this.#pid = await pidOf(world, await podUntil(world, 'bystander', 'Running', isRunning));
  }
}

/** In each round the hogs take at the same time what they are named after. */
export function itRecovers(ground: PressedGround, rounds: readonly HogName[][]): void {
  const { world, node } = ground;

  it.each(rounds.map((names) => [names.join(' and '), names] as const))('ends who has taken all %s and nobody else, says so, and recovers', async (_, names) => {
    const resources = names.map((name) => hogs[name].resource);
    for (const name of names) await applyPod(world, toolboxPod(name, '', { spec: { nodeName: node.name, ...hogs[name].spec } }));
    const wanted = resources.map((resource) => (resource === 'memory' ? 'memory-pressure' : 'disk-pressure'));
    const seen = new Set<string>();
    let logs = 0;
    await waitUntil(`the taints ${wanted.join()}`, async () => {
      for (const key of (await pressure(world, node)).taints) seen.add(key);
      logs = Math.max(logs, ...(await logBytes(world, node)));
      return wanted.every((key) => seen.has(key));
    }, { timeoutMs: 90_000, intervalMs: 250 });
    if (names.includes('logs')) expect(logs).toBeGreaterThan(logLimitBytes / 2);
    expect(logs).toBeLessThanOrEqual(logLimitBytes + 3 * longestLineBytes);
    for (const name of names) await wasEvicted(world, name);
    const told = (): Promise<string[]> => eventsOf({ ...world, namespace: 'default' }, node.name, 'EvictionThresholdMet');
    await expect.poll(told, soon).toEqual(expect.arrayContaining(resources.map((resource) => `Attempting to reclaim ${resource}`)));
    await waitUntil('the node to recover', async () => isDeepStrictEqual(await pressure(world, node), { taints: [], conditions: [] }), { timeoutMs: 90_000 });
    await ground.bystanderIsUnharmed();
    await mustSucceed(world.kubectl, ['delete', 'pods', ...names]);
  });
}

/** The disk has too little by a soft threshold only, with an image that nobody uses and a hog on it. */
export function itFreesImagesFirst(ground: PressedGround): void {
  const { world, node } = ground;
  const unused = 'podling.test/unused:1';
  const images = async (): Promise<string[]> => (await execa(ctrPath(), [...ctrArgs(node), 'images', 'list', '--quiet'])).stdout.split('\n');

  it('removes the image that nobody uses, and past the grace of a soft threshold ends who has taken the rest', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'podling-unused-'));
    // Before the node has the condition, under which it would take no such pod.
    await applyPod(world, toolboxPod('softly', '', { spec: { nodeName: node.name, ...hogSpec('dd if=/dev/zero of=/data/file bs=1M count=55', { data: {} }) } }));
    await podUntil(world, 'softly', 'Running', isRunning);
    await ground.pressed.change(softSettings, async () => {
      const archive = await busyboxArchive(folder, unused, 20 * mib);
      await execa(ctrPath(), [...ctrArgs(node), 'images', 'import', archive]);
      rmSync(folder, { recursive: true });
    });
    expect(await images()).toContain(unused);
    const { status } = await podUntil(world, 'softly', 'evicted', isEvicted, 90);
    expect(status?.message).toContain(`The node was low on resource: ephemeral-storage. Threshold quantity: ${Math.trunc(diskKib * 1024 * 0.65)}, available: `);
    expect(await images()).not.toContain(unused);
    expect(await images()).toContain('podling.local/toolbox:1');
    await ground.bystanderIsUnharmed();
  });
}

async function wasEvicted(world: World, name: string): Promise<void> {
  const { status } = await podUntil(world, name, 'evicted', isEvicted, 90);
  const { resource } = hogs[name as HogName];
  expect(status?.message).toMatch(messages[resource]);
  expect(status?.conditions).toContainEqual(expect.objectContaining({ type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet', message: status?.message }));
  const told = async () => (await world.client.events(world.namespace).list({ fieldSelector: `involvedObject.name=${name},reason=Evicted` })).items;
  await expect.poll(async () => (await told()).map(({ message, metadata }) => [message, metadata.annotations?.['starved_resource']]), soon).toEqual([[status?.message, resource]]);
}

/** What the node says of itself, and what keeps pods away from it. */
async function pressure({ client }: World, { name }: ClusterNode): Promise<{ taints: string[]; conditions: string[] }> {
  const { spec, status } = await client.nodes().get(name);
  return {
    taints: (spec?.taints ?? []).map(({ key }) => key.replace('node.kubernetes.io/', '')),
    conditions: (status?.conditions ?? []).filter((condition) => condition.type.endsWith('Pressure') && condition.status !== 'False').map(({ type }) => type),
  };
}

/** Of each container of the node that has logs, all its files together. */
async function logBytes({ namespace }: World, { paths }: ClusterNode): Promise<number[]> {
  const pods = (await readdir(paths.podLogs)).filter((name) => name.startsWith(`${namespace}_`));
  const containers = await Promise.all(pods.map(async (pod) => (await namesIn(join(paths.podLogs, pod))).map((name) => join(paths.podLogs, pod, name))));
  return Promise.all(containers.flat().map(async (folder) => {
    const sizes = await Promise.all((await namesIn(folder)).map((name) => stat(join(folder, name)).then(({ size }) => size, () => 0)));
    return sizes.reduce((sum, size) => sum + size, 0);
  }));
}

/** Its pod may go meanwhile. */
const namesIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);
