import type { Node, NodeCondition } from '@podling/shared/api';
import { FakeClock, buildNode, buildNodeLease, buildPod, createFakeServer, settle } from '@podling/shared/testing';
import type { FakeServer } from '@podling/shared/testing';
import { createLogger } from '@podling/shared/util';
import { afterEach, describe, expect, it } from 'vitest';
import { startControllerManager } from './index.ts';
import type { ControllerManager } from './index.ts';

let manager: ControllerManager;
let clock: FakeClock;
let server: FakeServer;

const logger = createLogger('test', 'silent');
const refused = new Error('connection refused');

afterEach(async () => {
  await manager.stop();
  expect(clock.pendingTimers).toBe(0);
});

async function start(prepare: () => void): Promise<void> {
  clock = new FakeClock();
  server = createFakeServer();
  prepare();
  await restart();
}

async function restart(): Promise<void> {
  manager = startControllerManager({ client: server.client, clock, logger });
  await manager.started;
  await settle();
}

const node = (): Node => server.nodes.get('n') as Node;
const renew = (): void => void server.leases.put(buildNodeLease('n', clock.now()));
const ready = (): NodeCondition | undefined => node().status?.conditions?.find(({ type }) => type === 'Ready');
const taints = (): string[] => (node().spec?.taints ?? []).map(({ key, effect }) => `${key}:${effect}`);
const unreachable = ['node.kubernetes.io/unreachable:NoSchedule', 'node.kubernetes.io/unreachable:NoExecute'];

function kubeletPosts(status: 'True' | 'False'): void {
  server.nodes.put({ ...node(), status: { ...node().status, conditions: [{ type: 'Ready', status, reason: 'KubeletReady' }] } });
}

async function beat(times: number): Promise<void> {
  for (let i = 0; i < times; i += 1) {
    renew();
    await clock.advance(10_000);
  }
}

describe('node life cycle', () => {
  const aNode = (): void => {
    server.nodes.put(buildNode({ name: 'n' }));
    renew();
  };

  it('leaves a node alone whose lease is renewed', async () => {
    await start(aNode);
    const version = node().metadata.resourceVersion;
    await beat(30);
    expect(node().metadata.resourceVersion).toBe(version);
  });

  it('calls a silent node unknown after 50 s, taints it and tells of it', async () => {
    await start(aNode);
    await clock.advance(49_999);
    expect(ready()?.status).toBe('True');
    await clock.advance(1);
    expect(node().status?.conditions?.map(({ type, status, reason }) => [type, status, reason])).toEqual([
      ['Ready', 'Unknown', 'NodeStatusUnknown'],
      ['MemoryPressure', 'Unknown', 'NodeStatusNeverUpdated'],
      ['DiskPressure', 'Unknown', 'NodeStatusNeverUpdated'],
      ['PIDPressure', 'Unknown', 'NodeStatusNeverUpdated'],
    ]);
    expect(ready()?.message).toBe('Kubelet stopped posting node status.');
    expect(taints()).toEqual(unreachable);
    await settle();
    expect(server.events.objects().map(({ reason, message }) => [reason, message])).toEqual([['NodeNotReady', 'Node n status is now: NodeNotReady']]);
  });

  it('takes the taints off when the kubelet is back, and writes nothing before', async () => {
    await start(aNode);
    await clock.advance(60_000);
    expect(taints()).toEqual(unreachable);
    const version = node().metadata.resourceVersion;
    await clock.advance(600_000);
    expect(node().metadata.resourceVersion).toBe(version);
    renew();
    kubeletPosts('True');
    await settle();
    expect(taints()).toEqual([]);
    await beat(10);
    expect(ready()?.status).toBe('True');
  });

  it('taints a node whose kubelet says that it is not ready', async () => {
    await start(aNode);
    kubeletPosts('False');
    await settle();
    expect(taints()).toEqual(['node.kubernetes.io/not-ready:NoSchedule', 'node.kubernetes.io/not-ready:NoExecute']);
  });

  it('gives a node the whole grace period after its own restart', async () => {
    await start(aNode);
    await clock.advance(49_000);
    await manager.stop();
    await restart();
    await clock.advance(49_000);
    expect(ready()?.status).toBe('True');
    await clock.advance(1000);
    expect(ready()?.status).toBe('Unknown');
  });

  it('does not call a node dead because somebody sets the clock forward, nor keep one alive when it is set back', async () => {
    await start(aNode);
    clock.jump(3_600_000);
    kubeletPosts('True');
    await clock.advance(49_000);
    expect(ready()?.status).toBe('True');
    clock.jump(-7_200_000);
    await clock.advance(1_000);
    expect(ready()?.status).toBe('Unknown');
  });

  it('calls a node unknown that never had a lease', async () => {
    await start(() => void server.nodes.put(buildNode({ name: 'n', conditions: [] })));
    await clock.advance(50_000);
    expect(ready()).toMatchObject({ status: 'Unknown', reason: 'NodeStatusNeverUpdated', message: 'Kubelet never posted node status.' });
  });

  it('does not call a node dead while it is itself cut off, nor before the node had time to renew', async () => {
    await start(aNode);
    for (const resource of [server.nodes, server.leases, server.pods]) {
      resource.breakWatches(refused);
      resource.failNext(refused, 15);
    }
    await clock.advance(65_000);
    renew();
    await beat(5);
    expect(ready()?.status).toBe('True');
    expect(taints()).toEqual([]);
  });

  it('asks for the lease itself before it calls a node dead: its watch may lag', async () => {
    await start(aNode);
    server.leases.muteWatches();
    await clock.advance(40_000);
    renew();
    await clock.advance(59_999);
    expect(ready()?.status).toBe('True');
    await clock.advance(1);
    expect(ready()?.status).toBe('Unknown');
  });

  it('repeats a write that lost a race', async () => {
    await start(aNode);
    const nodes = server.client.nodes();
    let lost = 0;
    server.client.nodes = () => ({
      ...nodes,
      patchStatus: (name, patch) => {
        if ((lost += 1) === 1) server.nodes.put({ ...node(), metadata: { ...node().metadata, labels: { changed: 'meanwhile' } } });
        return nodes.patchStatus(name, patch);
      },
    });
    await clock.advance(51_000);
    expect(lost).toBe(2);
    expect(taints()).toEqual(unreachable);
    expect(node().metadata.labels).toEqual({ changed: 'meanwhile' });
  });
});

describe('pod garbage collection', () => {
  const withPod = (parts: Parameters<typeof buildPod>[0]) => (): void => {
    server.nodes.put(buildNode({ name: 'n' }));
    server.nodes.put(buildNode({ name: 'other' }));
    renew();
    server.pods.put(buildPod({ name: 'web', nodeName: 'n', phase: 'Running', ...parts }));
  };
  const pod = () => server.pods.get('default/web');

  it('fails and removes the pods of a node that is gone, after 40 s', async () => {
    await start(withPod({}));
    const phases: (string | undefined)[] = [];
    const reading = (async () => {
      for await (const event of server.client.pods().watch()) if (event.type !== 'ERROR') phases.push(`${event.type} ${event.object.status?.phase}`);
    })();
    server.nodes.remove('n');
    await clock.advance(39_999);
    expect(pod()?.status?.phase).toBe('Running');
    await clock.advance(1);
    expect(pod()).toBeUndefined();
    server.pods.breakWatches();
    await reading;
    expect(phases).toEqual(['MODIFIED Failed', 'DELETED Failed']);
  });

  it('gives a node that is gone its 40 s, whatever the clock is set to meanwhile', async () => {
    await start(withPod({}));
    server.nodes.remove('n');
    await settle();
    clock.jump(3_600_000);
    await clock.advance(39_999);
    expect(pod()?.status?.phase).toBe('Running');
    clock.jump(-7_200_000);
    await clock.advance(1);
    expect(pod()).toBeUndefined();
  });

  it('leaves the pods of a node alone that comes back in time', async () => {
    await start(withPod({}));
    server.nodes.remove('n');
    await clock.advance(30_000);
    server.nodes.put(buildNode({ name: 'n' }));
    await settle();
    server.nodes.remove('n');
    await clock.advance(30_000);
    expect(pod()?.status?.phase).toBe('Running');
    server.nodes.put(buildNode({ name: 'n' }));
    await clock.advance(100_000);
    expect(pod()?.status?.phase).toBe('Running');
  });

  it('remembers a missing node no longer than a pod names it', async () => {
    await start(withPod({ nodeName: 'gone' }));
    await clock.advance(30_000);
    server.pods.remove('default/web');
    await settle();
    server.pods.put(buildPod({ name: 'web', nodeName: 'gone', phase: 'Running' }));
    await clock.advance(39_000);
    expect(pod()?.status?.phase).toBe('Running');
    await clock.advance(1_000);
    expect(pod()).toBeUndefined();
  });

  it('asks for the node itself first: its own list may lag', async () => {
    await start(withPod({ nodeName: 'new' }));
    server.nodes.breakWatches(refused);
    server.nodes.failNext(refused, 100);
    server.nodes.put(buildNode({ name: 'new' }));
    await clock.advance(45_000);
    expect(pod()?.status?.phase).toBe('Running');
  });

  it('keeps the phase of a pod that had ended', async () => {
    await start(withPod({ nodeName: 'gone', phase: 'Succeeded' }));
    const last: (string | undefined)[] = [];
    const reading = (async () => {
      for await (const event of server.client.pods().watch()) if (event.type === 'DELETED') last.push(event.object.status?.phase);
    })();
    await clock.advance(40_000);
    server.pods.breakWatches();
    await reading;
    expect(last).toEqual(['Succeeded']);
  });

  it('removes a pod that was deleted before it had a node', async () => {
    await start(withPod({ nodeName: '', deletionTimestamp: '2026-01-01T00:00:00Z' }));
    expect(pod()).toBeUndefined();
  });

  it('leaves a terminating pod to the kubelet of its node', async () => {
    await start(withPod({ deletionTimestamp: '2026-01-01T00:00:00Z' }));
    await beat(20);
    expect(pod()).toBeDefined();
  });
});
