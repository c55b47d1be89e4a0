import type { OwnerReference, Pod, PodDisruptionBudget, PodDisruptionBudgetSpec, PodDisruptionBudgetStatus } from '@podling/shared/api';
import { TerminalError } from '@podling/shared/controller';
import type { Controller } from '@podling/shared/controller';
import { createEventRecorder } from '@podling/shared/events';
import type { EventRecorder } from '@podling/shared/events';
import { createInformerFactory } from '@podling/shared/informer';
import type { InformerFactory } from '@podling/shared/informer';
import { FakeClock, buildPod, createFakeServer, settle } from '@podling/shared/testing';
import type { FakeServer } from '@podling/shared/testing';
import { createLogger } from '@podling/shared/util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDisruptionController, createStaleDisruptionController } from './disruption-controller.ts';

const logger = createLogger('test', 'silent');
const selector = { matchLabels: { app: 'web' } };
const key = 'default/web';

let clock: FakeClock;
let server: FakeServer;
let informers: InformerFactory;
let recorder: EventRecorder;
let controllers: Controller[];
/** Owner's uid → what it wants; undefined: it is gone; a text: it does not say; an error: nobody knows now. */
let scales: Record<string, number | string | Error | undefined>;

beforeEach(async () => {
  clock = new FakeClock();
  server = createFakeServer();
  scales = {};
  const { client } = server;
  informers = createInformerFactory({ client, clock, logger });
  recorder = createEventRecorder({ client, component: 'controllermanager', clock, logger });
  const scaleOf = async ({ uid }: OwnerReference): Promise<number | undefined> => {
    const scale = scales[uid];
    if (typeof scale === 'string') throw new TerminalError(scale);
    if (scale instanceof Error) throw scale;
    return scale;
  };
  controllers = [
    createDisruptionController({ client, informers, recorder, scales: { scaleOf }, clock, logger }),
    createStaleDisruptionController({ client, informers, clock, logger }),
  ];
  informers.start();
  await informers.waitForSync();
  controllers.forEach((controller) => controller.start());
});

afterEach(async () => {
  await Promise.all(controllers.map((controller) => controller.stop()));
  await informers.stop();
  await recorder.stop();
});

const at = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

function putBudget(spec: Partial<PodDisruptionBudgetSpec>, status?: Partial<PodDisruptionBudgetStatus>, name = 'web'): void {
  const before = server.podDisruptionBudgets.get(`default/${name}`);
  server.podDisruptionBudgets.put({
    apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name, namespace: 'default', generation: (before?.metadata.generation ?? 0) + (status ? 0 : 1) },
    spec: { selector, ...spec }, status: { ...(before?.status ?? { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 }), ...status },
  });
}

interface PodParts {
  ready?: boolean;
  owner?: string;
  labels?: Record<string, string>;
  metadata?: Partial<Pod['metadata']>;
  conditions?: NonNullable<Pod['status']>['conditions'];
}

function putPod(name: string, { ready = true, owner, labels = { app: 'web' }, metadata = {}, conditions = [] }: PodParts = {}): void {
  const pod = buildPod({ name, nodeName: 'n', phase: 'Running' });
  const ownerReferences = owner === undefined ? {} : { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: owner, uid: owner, controller: true }] };
  const isReady = { type: 'Ready', status: ready ? 'True' as const : 'False' as const, lastProbeTime: null, lastTransitionTime: null };
  server.pods.put({ ...pod, metadata: { ...pod.metadata, labels, ...ownerReferences, ...metadata }, status: { phase: 'Running', conditions: [isReady, ...(conditions ?? [])] } });
}

const budget = (): PodDisruptionBudget => server.podDisruptionBudgets.get(key) as PodDisruptionBudget;
const counts = (): number[] => {
  const { disruptionsAllowed = -1, currentHealthy = -1, desiredHealthy = -1, expectedPods = -1 } = budget().status ?? {};
  return [disruptionsAllowed, currentHealthy, desiredHealthy, expectedPods];
};
const verdict = (): unknown[] => (budget().status?.conditions ?? []).map(({ type, status, reason, message }) => [type, status, reason, message]);
const events = async (): Promise<unknown[]> => {
  await clock.advance(2000);
  return server.events.objects().map(({ reason, message, involvedObject }) => [involvedObject.name, reason, message]);
};

describe('the status of a budget', () => {
  it('counts who is ready against how many must stay', async () => {
    putBudget({ minAvailable: 2 });
    for (const name of ['a', 'b', 'c']) putPod(name);
    putPod('starting', { ready: false });
    putPod('other', { labels: { app: 'db' } });
    await settle();
    expect([counts(), verdict(), budget().status?.observedGeneration]).toEqual([[1, 3, 2, 4], [['DisruptionAllowed', 'True', 'SufficientPods', '']], 1]);
    putPod('c', { ready: false });
    await settle();
    expect([counts(), verdict()]).toEqual([[0, 2, 2, 4], [['DisruptionAllowed', 'False', 'InsufficientPods', '']]]);
  });

  it.each<[string, Partial<PodDisruptionBudgetSpec>, number[]]>([
    ['a share that must stay, rounded up', { minAvailable: '50%' }, [1, 4, 3, 5]],
    ['a number that may be away', { maxUnavailable: 2 }, [1, 4, 3, 5]],
    ['a share that may be away, rounded up', { maxUnavailable: '30%' }, [1, 4, 3, 5]],
    ['more than there are', { maxUnavailable: 9 }, [4, 4, 0, 5]],
    ['all that must stay', { minAvailable: '100%' }, [0, 4, 5, 5]],
    ['nothing at all', {}, [0, 4, 0, 0]],
  ])('takes what owners want for whole, with %s', async (_what, spec, expected) => {
    scales = { front: 3, back: 2 };
    for (const [name, owner] of [['a', 'front'], ['b', 'front'], ['c', 'front'], ['d', 'back']] as const) putPod(name, { owner });
    putBudget(spec);
    await settle();
    expect(counts()).toEqual(expected);
  });

  it('counts for the spec of now', async () => {
    putPod('a');
    putBudget({ minAvailable: 1 });
    await settle();
    putBudget({ minAvailable: 0 });
    await settle();
    expect([counts(), budget().status?.observedGeneration, budget().status?.conditions?.[0]?.observedGeneration]).toEqual([[1, 1, 0, 1], 2, 2]);
  });

  it('leaves out who goes, and who is about to for two minutes at most', async () => {
    putBudget({ minAvailable: 0 });
    putPod('goes', { metadata: { deletionTimestamp: at(clock.now()) } });
    for (const name of ['evicted', 'stays']) putPod(name);
    await settle();
    putBudget({ minAvailable: 0 }, { disruptedPods: { evicted: at(clock.now()), goes: at(clock.now()), 'long-gone': at(clock.now()) } });
    await settle();
    expect([counts(), Object.keys(budget().status?.disruptedPods ?? {})]).toEqual([[1, 1, 0, 3], ['evicted']]);
    await clock.advance(119_000);
    expect(counts()).toEqual([1, 1, 0, 3]);
    await clock.advance(2_000);
    expect([counts(), budget().status?.disruptedPods]).toEqual([[2, 2, 0, 3], undefined]);
    expect(await events()).toEqual([['evicted', 'NotDeleted', "Pod was expected by PDB default/web to be deleted but it wasn't"]]);
  });

  it('takes no pod for an evicted one because of its name', async () => {
    putBudget({ minAvailable: 0 });
    for (const name of ['constructor', 'evicted']) putPod(name);
    putBudget({ minAvailable: 0 }, { disruptedPods: { evicted: at(clock.now()) } });
    await settle();
    expect(counts()).toEqual([1, 1, 0, 2]);
  });

  it('is written only when it changes', async () => {
    putBudget({ minAvailable: 1 });
    putPod('a');
    await settle();
    const { resourceVersion } = budget().metadata;
    putPod('a', { metadata: { annotations: { a: 'b' } } });
    await settle();
    expect(budget().metadata.resourceVersion).toBe(resourceVersion);
  });

  it('follows pods that change their labels and go', async () => {
    putBudget({ minAvailable: 0 });
    for (const name of ['a', 'b']) putPod(name);
    await settle();
    putPod('a', { labels: {} });
    await settle();
    expect(counts()).toEqual([1, 1, 0, 1]);
    server.pods.remove('default/b');
    await settle();
    expect(counts()).toEqual([0, 0, 0, 0]);
    expect(await events()).toEqual([['web', 'NoPods', 'No matching pods found']]);
  });

  it.each<[string, number | string | undefined, string]>([
    ['is gone', undefined, 'found no controllers for pod "a"'],
    ['does not say', 'nodes does not implement the scale subresource', 'nodes does not implement the scale subresource'],
  ])('allows nothing where an owner %s, and says why', async (_what, scale, message) => {
    scales = { front: 1 };
    putPod('a', { owner: 'front' });
    putBudget({ maxUnavailable: 1 });
    await settle();
    expect(counts()[0]).toBe(1);
    scales = { front: scale };
    putPod('a', { owner: 'front', metadata: { annotations: { changed: 'yes' } } });
    await settle();
    expect([counts()[0], verdict()]).toEqual([0, [['DisruptionAllowed', 'False', 'SyncFailed', message]]]);
    expect(await events()).toEqual([['web', 'CalculateExpectedPodCountFailed', `Failed to calculate the number of expected pods: ${message}`]]);
    scales = { front: 1 };
    putPod('a', { owner: 'front' });
    await settle();
    expect(verdict()).toEqual([['DisruptionAllowed', 'True', 'SufficientPods', '']]);
  });

  it('allows nothing while a server is away that knows what an owner wants, and no longer', async () => {
    scales = { front: new Error('away') };
    putPod('a', { owner: 'front' });
    putBudget({ maxUnavailable: 1 });
    await settle();
    expect(verdict()).toEqual([['DisruptionAllowed', 'False', 'SyncFailed', 'away']]);
    scales = { front: 1 };
    await clock.advance(60_000);
    expect([counts()[0], verdict()]).toEqual([1, [['DisruptionAllowed', 'True', 'SufficientPods', '']]]);
  });

  it('tells of pods that nobody owns, where a share of them is asked for', async () => {
    putBudget({ maxUnavailable: '50%' });
    putPod('a');
    await settle();
    expect(counts()).toEqual([0, 1, 0, 0]);
    expect(await events()).toEqual([['web', 'UnmanagedPods', expect.stringContaining('(selector: app=web) were found to be unmanaged.')]]);
  });

  it('tells a pod of its second budget', async () => {
    putBudget({ minAvailable: 1 });
    putBudget({ minAvailable: 1 }, undefined, 'web-too');
    await settle();
    putPod('a');
    await settle();
    expect(await events()).toContainEqual(['a', 'MultiplePodDisruptionBudgets', 'Pod "default"/"a" matches multiple PodDisruptionBudgets.  Chose "web" arbitrarily.']);
    expect(server.podDisruptionBudgets.objects().map(({ status }) => status?.currentHealthy)).toEqual([1, 1]);
  });

  it('is counted anew after somebody else wrote it', async () => {
    putBudget({ minAvailable: 0 });
    putPod('a');
    await settle();
    server.podDisruptionBudgets.put({ ...budget(), status: { ...(budget().status as PodDisruptionBudgetStatus), disruptionsAllowed: 7, currentHealthy: 7 } });
    await settle();
    expect(counts()).toEqual([1, 1, 0, 1]);
  });
});

describe('the condition DisruptionTarget', () => {
  const target = (reason: string, agoMs = 0) => [{ type: 'DisruptionTarget', status: 'True' as const, reason, lastProbeTime: null, lastTransitionTime: at(clock.now() - agoMs) }];
  const said = (): unknown => server.pods.get('default/a')?.status?.conditions?.find(({ type }) => type === 'DisruptionTarget')?.status;

  it('is taken back from a pod that was not deleted for two minutes', async () => {
    putPod('a', { conditions: target('EvictionByEvictionAPI') });
    await clock.advance(119_000);
    expect(said()).toBe('True');
    await clock.advance(2_000);
    expect(said()).toBe('False');
  });

  it.each<[string, string, Partial<Pod['metadata']>]>([
    ['of a pod that goes', 'EvictionByEvictionAPI', { deletionTimestamp: '2026-01-02T03:04:05Z' }],
    ["that is the kubelet's", 'TerminationByKubelet', {}],
  ])('stays %s', async (_what, reason, metadata) => {
    putPod('a', { conditions: target(reason, 600_000), metadata });
    await clock.advance(300_000);
    expect(said()).toBe('True');
  });
});
