import { CriError, type ContainerEvent } from '@podling/cri';
import { AsyncQueue } from '@podling/shared/util';
import { FakeClock, settle } from '@podling/shared/testing';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { RuntimePod } from '../runtime/runtime.ts';
import { containerOf, podOf } from '../testing/runtime-objects.ts';
import { EventedPleg } from './evented-pleg.ts';
import { GenericPleg } from './generic-pleg.ts';
import { PlegMetrics } from './pleg-metrics.ts';

function setUp() {
  const clock = new FakeClock();
  const warnings: string[] = [];
  const logger = pino({ level: 'warn' }, { write: (line) => void warnings.push((JSON.parse(line) as { msg: string }).msg) });
  const world = new Map<string, RuntimePod>();
  const streams: AsyncQueue<ContainerEvent>[] = [];
  const changed: string[] = [];
  const order: string[] = [];
  const backs: string[][] = [];
  const onBack = (): void => void backs.push([...order]);
  const onChange = (uid: string): void => void changed.push(uid);
  const listFailures: Error[] = [];
  const listPods = async (): Promise<RuntimePod[]> => {
    order.push('list');
    const failure = listFailures.shift();
    if (failure) throw failure;
    return [...world.values()];
  };
  const metrics = new PlegMetrics();
  const generic = new GenericPleg({ listPods, onChange, metrics, clock, logger, relistPeriodMs: 60_000 });
  const events = (signal: AbortSignal): AsyncIterable<ContainerEvent> => {
    order.push('subscribe');
    const stream = new AsyncQueue<ContainerEvent>();
    signal.addEventListener('abort', () => stream.end(), { once: true });
    streams.push(stream);
    return streams.at(-1) ?? new AsyncQueue<ContainerEvent>();
  };
  const pleg = new EventedPleg({ runtime: { events }, generic, onChange, onBack, metrics, clock, logger });
  return { backs, metrics, clock, warnings, world, streams, changed, order, pleg, failList: (error: Error) => void listFailures.push(error) };
}

function podIn(uid: string, state: 'CONTAINER_RUNNING' | 'CONTAINER_EXITED'): RuntimePod {
  return { uid, name: uid, namespace: 'default', sandboxes: [], containers: [containerOf(podOf([{ name: 'web' }]), 'web', { state })] };
}

const event = (uid: string | undefined): ContainerEvent => ({
  type: 'CONTAINER_STOPPED_EVENT',
  containerId: 'c',
  timestampMs: 0,
  ...(uid === undefined ? {} : { podSandboxMetadata: { name: uid, namespace: 'default', uid, attempt: 0 } }),
});

describe('EventedPleg', () => {
  it('tells of a pod as soon as the runtime does', async () => {
    const { pleg, streams, changed } = setUp();
    pleg.start();
    await settle();
    streams[0]?.push(event('a'));
    await settle();
    expect(changed).toEqual(['a']);
    streams[0]?.end();
    await pleg.stop();
  });

  it('subscribes before it lists, also after the stream was lost', async () => {
    const { pleg, clock, streams, order, world, changed } = setUp();
    world.set('a', podIn('a', 'CONTAINER_RUNNING'));
    pleg.start();
    await settle();
    expect(order).toEqual(['subscribe', 'list']);
    world.set('a', podIn('a', 'CONTAINER_EXITED'));
    streams[0]?.fail(new Error('connection dropped'));
    await clock.advance(200);
    expect(order).toEqual(['subscribe', 'list', 'subscribe', 'list']);
    expect(changed).toEqual(['a', 'a']);
    streams[1]?.end();
    await pleg.stop();
  });

  it('lets go of a stream that it gives up because the list failed', async () => {
    const { pleg, clock, streams, failList } = setUp();
    failList(new Error('containerd is away'));
    pleg.start();
    await settle();
    expect(streams[0]?.ended).toBe(true);
    await clock.advance(200);
    streams[1]?.end();
    await pleg.stop();
  });

  it('tells once that the runtime is back, after it subscribed and listed', async () => {
    const { pleg, clock, streams, backs, order, failList } = setUp();
    pleg.start();
    await settle();
    expect(backs).toEqual([]);
    for (const attempt of [1, 2, 3]) failList(new Error(`containerd is away ${attempt}`));
    streams[0]?.fail(new Error('connection dropped'));
    for (let waitedMs = 0; waitedMs < 5_000; waitedMs += 100) await clock.advance(100);
    expect(backs).toHaveLength(1);
    expect(backs[0]?.slice(-2)).toEqual(['subscribe', 'list']);
    expect(order.filter((step) => step === 'subscribe')).toHaveLength(5);
    streams.at(-1)?.end();
    await pleg.stop();
  });

  it('lists when an event does not say whose it is', async () => {
    const { pleg, streams, world, changed } = setUp();
    pleg.start();
    await settle();
    world.set('b', podIn('b', 'CONTAINER_RUNNING'));
    streams[0]?.push(event(undefined));
    await settle();
    expect(changed).toEqual(['b']);
    streams[0]?.end();
    await pleg.stop();
  });

  it('finds by the slow relist what no event told: a change, and a pod that vanished', async () => {
    const { pleg, clock, streams, world, changed } = setUp();
    world.set('a', podIn('a', 'CONTAINER_RUNNING'));
    pleg.start();
    await settle();
    changed.length = 0;
    world.set('a', podIn('a', 'CONTAINER_EXITED'));
    await clock.advance(60_000);
    world.delete('a');
    await clock.advance(60_000);
    expect(changed).toEqual(['a', 'a']);
    streams[0]?.end();
    await pleg.stop();
  });

  it('subscribes again when the stream keeps silent about what a relist has found', async () => {
    const { pleg, clock, streams, world, metrics } = setUp();
    world.set('a', podIn('a', 'CONTAINER_RUNNING'));
    pleg.start();
    await settle();
    world.set('a', podIn('a', 'CONTAINER_EXITED'));
    streams[0]?.push(event('a'));
    await clock.advance(60_000);
    await clock.advance(2_000);
    expect(streams).toHaveLength(1);
    world.set('a', podIn('a', 'CONTAINER_RUNNING'));
    await clock.advance(60_000);
    await clock.advance(2_000);
    expect(streams).toHaveLength(2);
    const count = (name: string): number | undefined => metrics.families().find((family) => family.name === name)?.samples[0]?.value;
    expect(count('kubelet_evented_pleg_connection_success_count')).toBe(2);
    streams[1]?.end();
    await pleg.stop();
  });

  describe('on a runtime without container events', () => {
    const unimplemented = new CriError('Unimplemented', 'GetContainerEvents: unknown method');

    it('[B3] relists every second, and says so once', async () => {
      const { pleg, clock, streams, world, changed, warnings } = setUp();
      pleg.start();
      streams[0]?.fail(unimplemented);
      await settle();
      world.set('a', podIn('a', 'CONTAINER_RUNNING'));
      await clock.advance(1_000);
      world.set('a', podIn('a', 'CONTAINER_EXITED'));
      await clock.advance(1_000);
      expect(changed).toEqual(['a', 'a']);
      for (let step = 0; step < 400; step += 1) {
        streams.at(-1)?.fail(unimplemented);
        await clock.advance(500);
      }
      expect(streams.length).toBeGreaterThan(2);
      expect(warnings).toEqual(['the container runtime has no container events, relisting instead']);
      await pleg.stop();
    });

    it('takes up events when there are some, and relists seldom again', async () => {
      const { pleg, clock, streams, changed, order } = setUp();
      pleg.start();
      streams[0]?.fail(unimplemented);
      await settle();
      for (let second = 0; second < 60; second += 1) await clock.advance(1_000);
      expect(streams).toHaveLength(2);
      await clock.advance(2_000);
      order.length = 0;
      streams[1]?.push(event('a'));
      await clock.advance(30_000);
      expect([changed, order]).toEqual([['a'], []]);
      streams[1]?.end();
      await pleg.stop();
    });

    it('tells that the runtime is back', async () => {
      const { pleg, clock, streams, backs, failList } = setUp();
      pleg.start();
      streams[0]?.fail(unimplemented);
      await settle();
      failList(new Error('containerd is away'));
      await clock.advance(1_000);
      expect(backs).toEqual([]);
      await clock.advance(1_000);
      expect(backs).toHaveLength(1);
      await pleg.stop();
    });
  });
});
