import { uidOf, type Pod, type PodSpec } from '@podling/shared/api';
import { buildPod, FakeClock, settle } from '@podling/shared/testing';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PodStats, Summary } from '../stats/summary.ts';
import { EvictionManager, type EvictionConfig, type EvictionOrder } from './eviction-manager.ts';
import { EvictionMetrics } from './eviction-metrics.ts';
import type { Threshold } from './thresholds.ts';

const memoryLow: Threshold = { signal: 'memory.available', value: { quantity: '100', amount: 100 }, gracePeriodMs: 0 };
const softDisk: Threshold = { signal: 'nodefs.available', value: { share: 0.1 }, gracePeriodMs: 20_000 };

let clock: FakeClock;
let pods: Pod[];
let usage: Record<string, Partial<PodStats>>;
let memoryBytes: number;
let diskBytes: number;
let evicted: (EvictionOrder & { name: string })[];
let ended: Set<string>;
let asked: string[];
let trouble: Error | undefined;
let manager: EvictionManager | undefined;
let metrics: EvictionMetrics;
/** What the reclaims do. */
let reclaim: () => void;

beforeEach(() => {
  clock = new FakeClock();
  [pods, usage, evicted, asked, ended] = [[], {}, [], [], new Set()];
  [memoryBytes, diskBytes, trouble, manager, metrics, reclaim] = [500, 500, undefined, undefined, new EvictionMetrics(), () => undefined];
});
afterEach(() => manager?.stop());

const now = (): string => new Date(clock.now()).toISOString();

function summaryOf(wanted: readonly Pod[]): Summary {
  const time = now();
  return {
    node: {
      nodeName: 'n1', startTime: time,
      memory: { time, availableBytes: memoryBytes, workingSetBytes: 1000 - memoryBytes },
      fs: { time, availableBytes: diskBytes, capacityBytes: 1000 },
    },
    pods: wanted.map((pod) => ({ podRef: { name: pod.metadata.name, namespace: 'default', uid: uidOf(pod) }, startTime: time, containers: [], ...usage[pod.metadata.name] })),
  };
}

function start(config: Partial<EvictionConfig> = {}): EvictionManager {
  manager = new EvictionManager({
    config: { thresholds: [memoryLow, softDisk], maxPodGracePeriodSeconds: 20, pressureTransitionPeriodMs: 60_000, localStorageCapacityIsolation: true, ...config },
    look: async (isWanted) => {
      if (trouble !== undefined) throw trouble;
      const wanted = pods.filter(isWanted);
      asked.push(`look at ${wanted.map(({ metadata }) => metadata.name).join(',')}`);
      return summaryOf(wanted);
    },
    measure: async (volumes) => {
      asked.push(volumes ? 'measure volumes' : 'measure');
      return summaryOf(pods);
    },
    diskLayout: async () => 'shared',
    activePods: () => pods.filter((pod) => !evicted.some(({ name }) => name === pod.metadata.name)),
    evict: (pod, order) => void evicted.push({ name: pod.metadata.name, ...order }),
    hasEnded: (pod) => ended.has(pod.metadata.name),
    reclaim: {
      containers: async () => { asked.push('containers'); reclaim(); },
      images: async () => void asked.push('images'),
    },
    onThresholdMet: (message) => void asked.push(message),
    onConditions: () => void asked.push('conditions'),
    metrics, clock, logger: pino({ level: 'silent' }),
  });
  manager.start();
  return manager;
}

const pass = async (ms = 10_000): Promise<void> => {
  await clock.advance(ms);
  await settle();
};
const put = (name: string, workingSetBytes: number, spec: Partial<PodSpec> = {}): void => {
  pods.push(buildPod({ name, uid: name, spec: { containers: [{ name: 'web' }], terminationGracePeriodSeconds: 30, ...spec } }));
  usage[name] = { memory: { time: now(), workingSetBytes } };
};
const names = (): string[] => evicted.map(({ name }) => name);

describe('EvictionManager', () => {
  it('leaves all pods alone, and measures none, while there is enough', async () => {
    put('web', 400);
    start();
    await pass();
    expect([names(), asked, manager?.conditions()]).toEqual([[], ['look at ', 'look at '], []]);
  });

  it('ends one pod at a time until there is enough, and looks again when it has ended', async () => {
    for (const [name, bytes] of [['small', 10], ['large', 400], ['middle', 200]] as const) put(name, bytes);
    memoryBytes = 50;
    start();
    await settle();
    expect(names()).toEqual(['large']);
    expect(asked).toEqual(['look at ', 'conditions', 'Attempting to reclaim memory', 'measure']);
    await pass(5_000);
    expect(names()).toEqual(['large']);
    ended.add('large');
    await pass(1_000);
    expect(names()).toEqual(['large', 'middle']);
    ended.add('middle');
    memoryBytes = 450;
    await pass(60_000);
    expect(names()).toEqual(['large', 'middle']);
    expect(metrics.families()[0]?.samples).toEqual([{ labels: { eviction_signal: 'memory.available' }, value: 2 }]);
  });

  it('gives a pod up that does not end, and goes on with the next', async () => {
    put('stuck', 400);
    put('next', 300);
    memoryBytes = 50;
    start();
    await settle();
    for (let second = 0; second < 31; second += 1) await pass(1_000);
    expect(names()).toEqual(['stuck', 'next']);
  });

  it('says why, with a second of grace, when a hard threshold is met', async () => {
    put('web', 400);
    memoryBytes = 50;
    start();
    await settle();
    expect(evicted).toEqual([{
      name: 'web', gracePeriodSeconds: 1, isDisruption: true,
      message: 'The node was low on resource: memory. Threshold quantity: 100, available: 50. ',
      annotations: { offending_containers: '', offending_containers_usage: '', starved_resource: 'memory' },
    }]);
  });

  it('waits the grace of a soft threshold, and gives the pod its own, as long as it may be', async () => {
    put('web', 0);
    diskBytes = 50;
    start();
    await pass();
    expect([names(), manager?.conditions()]).toEqual([[], ['DiskPressure']]);
    await pass();
    expect(evicted).toMatchObject([{ name: 'web', gracePeriodSeconds: 20 }]);
    expect(asked).toContain('measure volumes');
  });

  it('frees what nobody needs before a pod has to go', async () => {
    put('web', 0);
    diskBytes = 50;
    reclaim = () => (diskBytes = 500);
    start({ thresholds: [{ ...softDisk, gracePeriodMs: 0 }] });
    await settle();
    expect([names(), asked]).toEqual([[], ['look at ', 'conditions', 'Attempting to reclaim ephemeral-storage', 'containers', 'images', 'look at ']]);
  });

  it('relieves memory before disk', async () => {
    put('web', 400);
    [memoryBytes, diskBytes] = [50, 50];
    start({ thresholds: [{ ...softDisk, gracePeriodMs: 0 }, memoryLow] });
    await settle();
    expect(asked).toContain('Attempting to reclaim memory');
  });

  it('never ends critical pods', async () => {
    put('critical', 400, { priority: 2_000_000_000, volumes: [{ name: 'v', emptyDir: { sizeLimit: '1' } }] });
    usage['critical'] = { volume: [{ name: 'v', time: now(), usedBytes: 5 }] };
    memoryBytes = 50;
    start();
    await pass();
    expect(names()).toEqual([]);
  });

  it('keeps a condition for the transition period', async () => {
    memoryBytes = 50;
    start();
    await settle();
    memoryBytes = 500;
    for (let second = 0; second < 50; second += 10) await pass();
    expect(manager?.conditions()).toEqual(['MemoryPressure']);
    await pass();
    expect(manager?.conditions()).toEqual([]);
  });

  it('ends pods past their limits, all at once, and measures no others', async () => {
    for (const name of ['one', 'two', 'unlimited']) put(name, 0, name === 'unlimited' ? {} : { volumes: [{ name: 'v', emptyDir: { sizeLimit: '1Ki' } }] });
    for (const name of ['one', 'two']) usage[name] = { volume: [{ name: 'v', time: now(), usedBytes: 2000 }] };
    start({ thresholds: [] });
    await settle();
    expect([names(), asked]).toEqual([['one', 'two'], ['look at one,two']]);
    expect(evicted[0]).toEqual({ name: 'one', message: 'Usage of EmptyDir volume "v" exceeds the limit "1Ki". ', gracePeriodSeconds: 1, annotations: {}, isDisruption: false });
  });

  it('leaves limits alone without localStorageCapacityIsolation', async () => {
    put('one', 0, { volumes: [{ name: 'v', emptyDir: { sizeLimit: '1Ki' } }] });
    usage['one'] = { volume: [{ name: 'v', time: now(), usedBytes: 2000 }] };
    start({ localStorageCapacityIsolation: false });
    await settle();
    expect([names(), asked]).toEqual([[], ['look at ']]);
  });

  it('goes on when the node could not be looked at, or a limit cannot be read', async () => {
    trouble = new Error('the runtime is away');
    put('odd', 400, { volumes: [{ name: 'v', emptyDir: { sizeLimit: 'much' } }] });
    usage['odd'] = { volume: [{ name: 'v', time: now(), usedBytes: 2000 }], memory: { time: now(), workingSetBytes: 5 } };
    memoryBytes = 50;
    start();
    await settle();
    expect(names()).toEqual([]);
    trouble = undefined;
    await pass();
    expect(names()).toEqual(['odd']);
  });
});
