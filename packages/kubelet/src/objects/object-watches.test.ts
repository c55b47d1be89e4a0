import { ConnectionError } from '@podling/shared/client';
import { createFakeServer, FakeClock, settle, type FakeServer } from '@podling/shared/testing';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ObjectWatches, type ObjectReference } from './object-watches.ts';

const c: ObjectReference = { kind: 'configmap', namespace: 'default', name: 'c' };
let server: FakeServer;
let clock: FakeClock;
let watches: ObjectWatches;
let changes: string[];

beforeEach(() => {
  [server, clock, changes] = [createFakeServer(), new FakeClock(), []];
  watches = new ObjectWatches({ client: server.client, clock, logger: pino({ level: 'silent' }) });
});
afterEach(() => watches.stop());

const put = (value: string, immutable = false): void =>
  void server.configMaps.put({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: 'default' }, data: { key: value }, ...(immutable ? { immutable } : {}) });
const refer = (uid: string, ...references: ObjectReference[]): void => watches.setReferences(uid, references, () => changes.push(uid));
const value = (): string | undefined => {
  const object = watches.get(c);
  return object && 'data' in object ? object.data?.['key'] : undefined;
};

describe('ObjectWatches', () => {
  it('tells each pod of what is first seen, changes and goes', async () => {
    refer('a', c);
    expect(watches.isKnown(c)).toBe(false);
    await settle();
    expect([watches.isKnown(c), value(), changes]).toEqual([true, undefined, []]);
    put('1');
    await settle();
    put('2');
    await settle();
    server.configMaps.remove('default/c');
    await settle();
    expect([watches.isKnown(c), value(), changes]).toEqual([true, undefined, ['a', 'a', 'a']]);
  });

  it('asks once for what a hundred pods share, and keeps it for a minute after the last is gone', async () => {
    put('1');
    const pods = Array.from({ length: 100 }, (_, index) => `pod-${index}`);
    for (const uid of pods) refer(uid, c, { kind: 'secret', namespace: 'default', name: 's' });
    await settle();
    put('2');
    await settle();
    expect(server.configMaps.asked).toEqual({ lists: 1, watches: 1 });
    expect([watches.size, changes.filter((uid) => uid === 'pod-7').length]).toEqual([2, 2]);
    for (const uid of pods.slice(1)) watches.forgetPod(uid);
    await settle();
    expect([watches.size, server.configMaps.openWatches, value()]).toEqual([2, 1, '2']);
    refer('pod-0');
    await clock.advance(59_000);
    refer('pod-1', c);
    await clock.advance(59_000);
    expect([server.configMaps.asked, watches.live(c)]).toEqual([{ lists: 1, watches: 1 }, watches.get(c)]);
    watches.forgetPod('pod-1');
    await clock.advance(60_000);
    expect([watches.size, server.configMaps.openWatches, server.secrets.openWatches]).toEqual([0, 0, 0]);
  });

  it('is told of no other object', async () => {
    refer('a', c);
    await settle();
    server.configMaps.put({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'other', namespace: 'default' } });
    server.configMaps.put({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: 'elsewhere' } });
    await settle();
    expect([changes, value()]).toEqual([[], undefined]);
  });

  it('does not watch what cannot change any more', async () => {
    put('1', true);
    refer('a', c);
    await settle();
    refer('b', c);
    await settle();
    expect([server.configMaps.openWatches, watches.isKnown(c), value()]).toEqual([0, true, '1']);
    expect(watches.live(c)).toBeUndefined();
  });

  it('has everything at hand while the apiserver is away, and catches up', async () => {
    put('1');
    refer('a', c);
    await settle();
    const away = new ConnectionError('https://10.0.0.1:6443', 'connect ECONNREFUSED');
    server.configMaps.failNext(away, 3);
    server.configMaps.breakWatches(away);
    put('2');
    await settle();
    expect([watches.isKnown(c), value()]).toEqual([true, '1']);
    await clock.advance(10_000);
    expect([value(), changes.length]).toEqual(['2', 2]);
  });
});
