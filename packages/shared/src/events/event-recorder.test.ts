import { describe, expect, it } from 'vitest';
import { newForbidden } from '../api/errors.ts';
import { isDNS1123Subdomain } from '../api/names.ts';
import { FakeClock, buildNode, buildPod, createFakeServer, settle } from '../testing/index.ts';
import { createLogger } from '../util/logger.ts';
import { createEventRecorder } from './index.ts';
import type { EventRecorderOptions } from './index.ts';

function build(options: Partial<EventRecorderOptions> = {}) {
  const clock = new FakeClock(Date.UTC(2026, 0, 2, 3, 4, 5));
  const server = createFakeServer();
  const logger = createLogger('test', 'silent');
  const recorder = createEventRecorder({ client: server.client, component: 'kubelet', host: 'node-1', clock, logger, ...options });
  return { clock, server, recorder };
}

const pod = buildPod({ name: 'web', uid: 'u1' });

describe('EventRecorder', () => {
  it('creates an Event beside its object', async () => {
    const { server, recorder } = build();
    recorder.event(pod, 'Normal', 'Started', 'Started container web', { fieldPath: 'spec.containers{web}' });
    await recorder.stop();
    expect(server.events.objects()).toMatchObject([
      {
        metadata: { namespace: 'default', name: expect.stringMatching(/^web\.[0-9a-f]+$/) },
        involvedObject: { kind: 'Pod', apiVersion: 'v1', namespace: 'default', name: 'web', uid: 'u1', fieldPath: 'spec.containers{web}' },
        type: 'Normal', reason: 'Started', message: 'Started container web', count: 1,
        source: { component: 'kubelet', host: 'node-1' },
        firstTimestamp: '2026-01-02T03:04:05Z', lastTimestamp: '2026-01-02T03:04:05Z',
      },
    ]);
  });

  it('raises the count of an Event that repeats, and tells others apart', async () => {
    const { clock, server, recorder } = build();
    for (let i = 0; i < 3; i += 1) {
      recorder.event(pod, 'Warning', 'BackOff', 'Back-off restarting');
      await clock.advance(1000);
    }
    recorder.event(pod, 'Warning', 'BackOff', 'another message');
    recorder.event({ ...pod, metadata: { ...pod.metadata, uid: 'u2' } }, 'Warning', 'BackOff', 'Back-off restarting');
    await recorder.stop();
    expect(server.events.objects().map(({ count, message, lastTimestamp }) => [count, message, lastTimestamp])).toEqual([
      [3, 'Back-off restarting', '2026-01-02T03:04:07Z'],
      [1, 'another message', '2026-01-02T03:04:08Z'],
      [1, 'Back-off restarting', '2026-01-02T03:04:08Z'],
    ]);
  });

  it('creates the Event anew when the first one has expired', async () => {
    const { server, recorder } = build();
    recorder.event(pod, 'Normal', 'Pulled', 'x');
    await settle();
    for (const event of server.events.objects()) server.events.remove(`default/${event.metadata.name}`);
    recorder.event(pod, 'Normal', 'Pulled', 'x');
    recorder.event(pod, 'Normal', 'Pulled', 'x');
    await recorder.stop();
    expect(server.events.objects().map(({ count }) => count)).toEqual([2]);
  });

  it('puts the Events of a cluster-scoped object into the default namespace', async () => {
    const { server, recorder } = build();
    recorder.event(buildNode({ name: 'n', uid: 'u' }), 'Normal', 'NodeReady', 'x');
    await recorder.stop();
    expect(server.events.objects()[0]?.metadata.namespace).toBe('default');
    expect(server.events.objects()[0]?.involvedObject).not.toHaveProperty('namespace');
  });

  it('gives valid names to Events of objects with the longest names', async () => {
    const { server, recorder } = build();
    for (const name of ['a'.repeat(253), `${'a'.repeat(235)}.${'b'.repeat(17)}`]) {
      recorder.event(buildPod({ name }), 'Normal', 'Started', 'x');
    }
    await recorder.stop();
    const names = server.events.objects().map(({ metadata }) => metadata.name);
    expect(names.map(isDNS1123Subdomain)).toEqual([[], []]);
  });

  it('lets the work that it tells of come first, but not when it stops', async () => {
    const { clock, server, recorder } = build({ lingerMs: 500 });
    const messages = (): string[] => server.events.objects().map(({ message = '' }) => message);
    recorder.event(pod, 'Normal', 'Pulled', '1');
    await clock.advance(300);
    recorder.event(pod, 'Normal', 'Started', '2');
    await clock.advance(199);
    expect(messages()).toEqual([]);
    await clock.advance(1);
    expect(messages()).toEqual(['1']);
    await recorder.stop();
    expect(messages()).toEqual(['1', '2']);
  });

  it('keeps the order and loses nothing while the server is away', async () => {
    const { clock, server, recorder } = build();
    server.events.failNext(new Error('connection refused'), 3);
    recorder.event(pod, 'Normal', 'Pulling', '1');
    recorder.event(pod, 'Normal', 'Pulled', '2');
    await clock.advance(60_000);
    expect(server.events.objects().map(({ message }) => message)).toEqual(['1', '2']);
    await recorder.stop();
  });

  it('drops an Event that the server refuses and goes on', async () => {
    const { server, recorder } = build();
    server.events.failNext(newForbidden({ group: '', resource: 'events' }, '', 'namespace is being terminated'));
    recorder.event(pod, 'Normal', 'Pulling', '1');
    recorder.event(pod, 'Normal', 'Pulled', '2');
    await recorder.stop();
    expect(server.events.objects().map(({ message }) => message)).toEqual(['2']);
  });

  it('never grows beyond its capacity', async () => {
    const { clock, server, recorder } = build({ capacity: 5 });
    server.events.failNext(new Error('connection refused'));
    for (let i = 0; i < 20; i += 1) recorder.event(pod, 'Normal', 'Pulling', String(i));
    await clock.advance(60_000);
    expect(server.events.objects().length).toBeLessThanOrEqual(6);
    await recorder.stop();
  });

  it('stops although the server is away', async () => {
    const { clock, server, recorder } = build();
    server.events.failNext(new Error('connection refused'), 1000);
    for (let i = 0; i < 5; i += 1) recorder.event(pod, 'Normal', 'Pulling', String(i));
    await settle();
    await recorder.stop();
    expect(clock.pendingTimers).toBe(0);
  });

  it('does not wait for each Event anew when it stops while the server is away', async () => {
    const { server, recorder } = build();
    server.events.failNext(new Error('connect timeout'), 2);
    for (let i = 0; i < 5; i += 1) recorder.event(pod, 'Normal', 'Pulling', String(i));
    await settle();
    await recorder.stop();
    expect(server.events.objects()).toEqual([]);
  });
});
