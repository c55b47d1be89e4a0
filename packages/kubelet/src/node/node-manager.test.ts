import { createFakeRuntime, type FakeRuntime } from '../testing/fake-runtime.ts';
import type { ContainerImage, Lease, Node, NodeStatus } from '@podling/shared/api';
import type { Client } from '@podling/shared/client';
import { createFakeServer, FakeClock, type FakeServer } from '@podling/shared/testing';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reservationsOf } from '../cm/node-allocatable.ts';
import type { PressureCondition } from '../eviction/signals.ts';
import { eventually } from '../testing/eventually.ts';
import { LeaseController } from './lease-controller.ts';
import { NodeManager } from './node-manager.ts';
import { nodeStatus } from './node-status.ts';
import { RuntimeState } from './runtime-state.ts';

const machine = {
  cpuMilli: 2000n, memoryBytes: 1024n ** 3n, ephemeralStorageBytes: 1024n ** 3n, swapBytes: 0n,
  systemInfo: { machineID: 'm', systemUUID: 's', bootID: 'b', kernelVersion: 'k', osImage: 'o', kubeletVersion: 'v', kubeProxyVersion: '', operatingSystem: 'linux', architecture: 'amd64' },
};
const logger = pino({ level: 'silent' });

let clock: FakeClock;
let server: FakeServer;
let runtime: FakeRuntime;
let images: ContainerImage[];
let pressure: PressureCondition[];
/** Before and after. */
let reported: [NodeStatus, NodeStatus][];
let writes: { node: number; lease: number };
let parts: { start(): void; stop(): Promise<void> }[];

/** Counts what reaches the apiserver. */
function counting(client: Client): Client {
  const nodes = (): ReturnType<Client['nodes']> => {
    const own = client.nodes();
    return { ...own, list: own.list.bind(own), get: own.get.bind(own), watch: own.watch.bind(own), create: (node) => counted('node', own.create(node)), patch: (...args) => counted('node', own.patch(...args)), patchStatus: (...args) => counted('node', own.patchStatus(...args)) };
  };
  const leases = (namespace?: string): ReturnType<Client['leases']> => {
    const own = client.leases(namespace);
    return { ...own, get: own.get.bind(own), create: (lease: Lease) => counted('lease', own.create(lease)), update: (lease: Lease) => counted('lease', own.update(lease)) };
  };
  return Object.create(client, { nodes: { value: nodes }, leases: { value: leases } }) as Client;
}

async function counted<T>(what: 'node' | 'lease', write: Promise<T>): Promise<T> {
  writes[what] += 1;
  return write;
}

beforeEach(async () => {
  [clock, server, pressure, reported, writes] = [new FakeClock(), createFakeServer(), [], [], { node: 0, lease: 0 }];
  const client = counting(server.client);
  runtime = createFakeRuntime({ clock });
  images = [{ names: ['i:1'], sizeBytes: 5 }];
  const state = new RuntimeState({ runtime });
  const manager = new NodeManager({
    client, state, clock, logger, identity: { name: 'n1', labels: {}, taints: [] }, registers: true, checkPeriodMs: 10_000, reportPeriodMs: 300_000,
    buildStatus: async (known) => nodeStatus({
      machine, known, pressure, reservations: reservationsOf({}, {}), kubeletPort: 1, maxPods: 110, nowMs: clock.now(), problem: undefined, addresses: { nodeIp: '127.0.0.1', hostname: 'n1' },
      runtimeVersion: state.version(), runtimeHandlers: state.runtimeHandlers(), features: state.features(), images,
    }),
    onReported: (...step) => void reported.push(step),
  });
  parts = [manager, new LeaseController({ client, clock, logger, nodeName: 'n1', nodeUid: Promise.resolve('u'), renewIntervalMs: 10_000, durationSeconds: 40 })];
  for (const part of parts) part.start();
  await eventually(() => expect([server.nodes.get('n1'), server.leases.get('kube-node-lease/n1')]).not.toContain(undefined));
});

afterEach(async () => {
  for (const part of parts) await part.stop();
});

const node = (): Node => server.nodes.get('n1') as Node;

describe('NodeManager', () => {
  it('writes the status of a quiet node every five minutes, while its lease is renewed every ten seconds', async () => {
    await clock.advance(60_000);
    writes = { node: 0, lease: 0 };
    await clock.advance(3_600_000);
    expect(writes).toEqual({ node: 12, lease: 360 });
  });

  it('writes a change at its next look, with the moment of the transition, and the heartbeat of all', async () => {
    await clock.advance(60_000);
    const [before, at] = [node().status?.conditions, clock.now()];
    pressure = ['MemoryPressure'];
    writes.node = 0;
    await clock.advance(10_000);
    expect(writes.node).toBe(1);
    const seconds = (time: unknown): number => Date.parse(String(time));
    for (const { type, status, lastHeartbeatTime, lastTransitionTime } of node().status?.conditions ?? []) {
      expect(seconds(lastHeartbeatTime)).toBeGreaterThan(at);
      const old = before?.find((condition) => condition.type === type);
      if (type === 'MemoryPressure') expect([status, seconds(lastTransitionTime) > at]).toEqual(['True', true]);
      else expect(lastTransitionTime).toBe(old?.lastTransitionTime);
    }
  });

  it('takes back what does not hold any more, once', async () => {
    await clock.advance(60_000);
    images = [];
    runtime.status = async () => ({ conditions: [{ type: 'RuntimeReady', status: true, reason: '', message: '' }, { type: 'NetworkReady', status: true, reason: '', message: '' }], runtimeHandlers: [] });
    writes.node = 0;
    await clock.advance(60_000);
    expect([writes.node, node().status?.images ?? [], node().status?.runtimeHandlers ?? [], node().status?.features ?? null]).toEqual([1, [], [], null]);
  });

  it('tells what the runtime can do and which images are there', () => {
    expect(node().status).toMatchObject({
      images: [{ names: ['i:1'], sizeBytes: 5 }],
      runtimeHandlers: [{ name: '', features: { recursiveReadOnlyMounts: true, userNamespaces: false } }],
      features: { supplementalGroupsPolicy: true },
    });
    expect(reported[0]).toEqual([{}, expect.objectContaining({ images: [{ names: ['i:1'], sizeBytes: 5 }] })]);
  });
});
