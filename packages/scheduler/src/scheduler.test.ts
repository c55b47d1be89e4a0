import { newConflict, newNotFound } from '@podling/shared/api';
import { FakeClock, buildNode, buildPod, createFakeServer, settle } from '@podling/shared/testing';
import type { FakeServer } from '@podling/shared/testing';
import { createLogger } from '@podling/shared/util';
import { afterEach, describe, expect, it } from 'vitest';
import { startScheduler } from './index.ts';
import type { Scheduler } from './index.ts';

let scheduler: Scheduler;
let clock: FakeClock;
let server: FakeServer;

afterEach(async () => {
  await scheduler.stop();
  expect(clock.pendingTimers).toBe(0);
  expect(server.pods.openWatches + server.nodes.openWatches).toBe(0);
});

async function start(prepare: (server: FakeServer) => void = () => undefined): Promise<void> {
  clock = new FakeClock();
  server = createFakeServer();
  prepare(server);
  scheduler = startScheduler({ client: server.client, clock, logger: createLogger('test', 'silent'), random: () => 0 });
  await scheduler.started;
  await settle();
}

const events = (): [string | undefined, string | undefined, number | undefined][] =>
  server.events.objects().map(({ reason, message, count }) => [reason, message, count]);
const scheduled = (name: string) => server.pods.get(`default/${name}`)?.status?.conditions?.find(({ type }) => type === 'PodScheduled');

describe('Scheduler', () => {
  it('binds a waiting pod and tells of it', async () => {
    await start(({ nodes, pods }) => {
      nodes.put(buildNode({ name: 'node-1' }));
      pods.put(buildPod({ name: 'web' }));
    });
    expect(server.bindings).toEqual([['default/web', 'node-1']]);
    await settle();
    expect(events()).toEqual([['Scheduled', 'Successfully assigned default/web to node-1', 1]]);
  });

  it('spreads pods by what they request, also before the server has confirmed the earlier ones', async () => {
    await start(({ nodes }) => ['a', 'b'].forEach((name) => nodes.put(buildNode({ name, allocatable: { cpu: '2' } }))));
    for (const name of ['1', '2', '3', '4', '5']) server.pods.put(buildPod({ name, requests: { cpu: '1' } }));
    await settle();
    const perNode = Map.groupBy(server.bindings, ([, node]) => node);
    expect([perNode.get('a')?.length, perNode.get('b')?.length]).toEqual([2, 2]);
    expect(scheduled('5')).toMatchObject({ status: 'False', reason: 'Unschedulable', message: '0/2 nodes are available: 2 Insufficient cpu.' });
  });

  it('explains a pod that fits nowhere, and places it when a node is added', async () => {
    await start(({ nodes, pods }) => {
      nodes.put(buildNode({ name: 'small', allocatable: { cpu: '1' } }));
      pods.put(buildPod({ name: 'big', requests: { cpu: '2' } }));
    });
    const message = '0/1 nodes are available: 1 Insufficient cpu.';
    expect(events()).toEqual([['FailedScheduling', message, 1]]);
    expect(scheduled('big')).toMatchObject({ status: 'False', reason: 'Unschedulable', message });
    server.nodes.put(buildNode({ name: 'large' }));
    await clock.advance(1000);
    expect(server.bindings).toEqual([['default/big', 'large']]);
  });

  it.each<[string, () => void]>([
    ['the pod in its way is gone', () => server.pods.remove('default/first')],
    ['the pod in its way has ended', () => server.pods.put({ ...buildPod({ name: 'first', nodeName: 'n' }), status: { phase: 'Succeeded' } })],
    ['the node grows', () => server.nodes.put(buildNode({ name: 'n', allocatable: { cpu: '9' } }))],
    ['its own requests shrink', () => server.pods.put(buildPod({ name: 'second' }))],
  ])('tries an unschedulable pod again when %s', async (_what, change) => {
    await start(({ nodes, pods }) => {
      nodes.put(buildNode({ name: 'n', allocatable: { cpu: '1' } }));
      pods.put(buildPod({ name: 'first', nodeName: 'n', requests: { cpu: '1' } }));
      pods.put(buildPod({ name: 'second', requests: { cpu: '1' } }));
    });
    expect(server.bindings).toEqual([]);
    change();
    await clock.advance(1000);
    expect(server.bindings).toEqual([['default/second', 'n']]);
  });

  it('does not try again for its own writes or for heartbeats, and counts repeats in one Event', async () => {
    await start(({ nodes, pods }) => {
      nodes.put(buildNode({ name: 'n', allocatable: { cpu: '1' } }));
      pods.put(buildPod({ name: 'big', requests: { cpu: '2' } }));
    });
    const version = server.pods.get('default/big')?.metadata.resourceVersion;
    for (let i = 0; i < 20; i += 1) {
      server.nodes.put({ ...buildNode({ name: 'n', allocatable: { cpu: '1' } }), metadata: { ...buildNode({ name: 'n' }).metadata, annotations: { beat: String(i) } } });
      await clock.advance(10_000);
    }
    expect(events()[0]?.[2]).toBe(1);
    await clock.advance(100_000);
    expect(events()).toEqual([['FailedScheduling', '0/1 nodes are available: 1 Insufficient cpu.', 2]]);
    expect(server.pods.get('default/big')?.metadata.resourceVersion).toBe(version);
  });

  it('says that there are no nodes, and places the pod when one comes', async () => {
    await start(({ pods }) => void pods.put(buildPod({ name: 'web' })));
    expect(events()).toEqual([['FailedScheduling', 'no nodes available to schedule pods', 1]]);
    server.nodes.put(buildNode({ name: 'n' }));
    await clock.advance(1000);
    expect(server.bindings).toHaveLength(1);
  });

  it.each<[string, Parameters<typeof buildPod>[0]]>([
    ['of another scheduler', { spec: { schedulerName: 'other' } }],
    ['that is being deleted', { deletionTimestamp: '2026-01-01T00:00:00Z' }],
    ['that is gated', { spec: { schedulingGates: [{ name: 'wait' }] } }],
    ['that has failed', { phase: 'Failed' }],
    ['that has a node', { nodeName: 'elsewhere' }],
  ])('leaves a pod alone %s', async (_what, parts) => {
    await start(({ nodes, pods }) => {
      nodes.put(buildNode());
      pods.put(buildPod(parts));
    });
    await clock.advance(400_000);
    expect(server.bindings).toEqual([]);
    expect(events()).toEqual([]);
  });

  it('places a gated pod when its gates are gone', async () => {
    await start(({ nodes, pods }) => {
      nodes.put(buildNode({ name: 'n' }));
      pods.put(buildPod({ name: 'gated', spec: { schedulingGates: [{ name: 'wait' }] } }));
    });
    server.pods.put(buildPod({ name: 'gated' }));
    await settle();
    expect(server.bindings).toEqual([['default/gated', 'n']]);
  });

  it('gives the place back and tries again when a binding fails', async () => {
    await start(({ nodes }) => void nodes.put(buildNode({ name: 'n', allocatable: { cpu: '1' } })));
    server.pods.failNext(new Error('connection reset'));
    server.pods.put(buildPod({ name: 'web', requests: { cpu: '1' } }));
    await settle();
    expect(server.bindings).toEqual([]);
    await clock.advance(1000);
    expect(server.bindings).toEqual([['default/web', 'n']]);
  });

  it('yields to a binding that somebody else made first', async () => {
    await start(({ nodes }) => void nodes.put(buildNode({ name: 'n' })));
    server.pods.failNext(newConflict({ group: '', resource: 'pods' }, 'web', 'already assigned'));
    const pod = server.pods.put(buildPod({ name: 'web' }));
    await settle();
    server.pods.put({ ...pod, spec: { ...pod.spec, nodeName: 'other' } });
    await clock.advance(60_000);
    expect(server.pods.get('default/web')?.spec.nodeName).toBe('other');
    expect(server.bindings).toEqual([]);
  });

  it('forgets a pod that was deleted while it was being bound', async () => {
    await start(({ nodes }) => void nodes.put(buildNode({ name: 'n', allocatable: { cpu: '1' } })));
    server.pods.failNext(newNotFound({ group: '', resource: 'pods' }, 'web'));
    server.pods.put(buildPod({ name: 'web', requests: { cpu: '1' } }));
    server.pods.remove('default/web');
    await settle();
    server.pods.put(buildPod({ name: 'next', requests: { cpu: '1' } }));
    await clock.advance(1000);
    expect(server.bindings).toEqual([['default/next', 'n']]);
  });

  it('survives an apiserver that is away and places what came meanwhile', async () => {
    await start(({ nodes }) => void nodes.put(buildNode({ name: 'n' })));
    const refused = new Error('connection refused');
    server.pods.breakWatches(refused);
    server.nodes.breakWatches(refused);
    server.pods.failNext(refused, 5);
    server.pods.put(buildPod({ name: 'missed' }));
    server.pods.compact();
    await clock.advance(60_000);
    expect(server.bindings).toEqual([['default/missed', 'n']]);
  });

  it('knows after a restart what is taken', async () => {
    await start(({ nodes, pods }) => {
      nodes.put(buildNode({ name: 'n', allocatable: { cpu: '1' } }));
      pods.put(buildPod({ name: 'second', requests: { cpu: '1' } }));
      pods.put(buildPod({ name: 'first', nodeName: 'n', requests: { cpu: '1' } }));
    });
    expect(server.bindings).toEqual([]);
  });
});
