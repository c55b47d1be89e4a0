import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newExpired } from '../api/errors.ts';
import type { Pod } from '../api/index.ts';
import { keyOf } from '../api/meta.ts';
import { FakeClock, buildPod, createFakeServer, settle } from '../testing/index.ts';
import type { FakeServer } from '../testing/index.ts';
import { createLogger } from '../util/logger.ts';
import { createInformer } from './index.ts';
import type { SharedInformer } from './index.ts';

interface World {
  clock: FakeClock;
  server: FakeServer;
  informer: SharedInformer<Pod>;
  seen: string[];
}

function build(server = createFakeServer()): World {
  const clock = new FakeClock();
  const logger = createLogger('test', 'silent');
  const informer = createInformer<Pod>({ client: server.client.pods(), clock, logger, name: 'pods', random: () => 0 });
  const seen: string[] = [];
  informer.addEventHandler({
    onAdd: (pod, initial) => seen.push(`add ${pod.metadata.name}${initial ? ' initially' : ''}`),
    onUpdate: (old, pod) => seen.push(`update ${pod.metadata.name} ${old.status?.phase}→${pod.status?.phase}`),
    onDelete: (pod, unknown) => seen.push(`delete ${pod.metadata.name}${unknown ? ' unseen' : ''}`),
  });
  return { clock, server, informer, seen };
}

async function started(world = build()): Promise<World> {
  world.informer.start();
  await world.informer.waitForSync();
  await settle();
  return world;
}

const broken = new Error('connection reset');

describe('SharedInformer', () => {
  it('hands the first list to its handlers before it calls itself synced', async () => {
    const world = build();
    world.server.pods.put(buildPod({ name: 'a' }));
    expect(world.informer.hasSynced()).toBe(false);
    await started(world);
    expect(world.seen).toEqual(['add a initially']);
    expect(world.informer.lister.get('default/a')?.kind).toBe('Pod');
    await world.informer.stop();
  });

  it('tells of adds, updates and deletes as they happen', async () => {
    const { server, informer, seen } = await started();
    const pod = server.pods.put(buildPod({ name: 'a' }));
    server.pods.put({ ...pod, status: { phase: 'Running' } });
    server.pods.remove('default/a');
    await settle();
    expect(seen).toEqual(['add a', 'update a Pending→Running', 'delete a']);
    expect(informer.lister.list()).toEqual([]);
    await informer.stop();
  });

  it('replays its cache to a handler that comes late, and stops telling one that is removed', async () => {
    const { server, informer } = await started();
    server.pods.put(buildPod({ name: 'a' }));
    await settle();
    const late: string[] = [];
    const remove = informer.addEventHandler({ onAdd: (pod) => late.push(pod.metadata.name) });
    expect(late).toEqual(['a']);
    remove();
    server.pods.put(buildPod({ name: 'b' }));
    await settle();
    expect(late).toEqual(['a']);
    await informer.stop();
  });

  it('resumes a broken watch where it was, without a list', async () => {
    const { clock, server, informer, seen } = await started();
    server.pods.breakWatches(broken);
    server.pods.put(buildPod({ name: 'missed' }));
    await clock.advance(200);
    expect(seen).toEqual(['add missed']);
    expect(server.pods.asked.lists).toBe(1);
    await informer.stop();
  });

  it('lists again after 410 and tells what it missed', async () => {
    const world = build();
    world.server.pods.put(buildPod({ name: 'stays' }));
    world.server.pods.put(buildPod({ name: 'goes' }));
    const { clock, server, informer, seen } = await started(world);
    seen.length = 0;
    server.pods.breakWatches(broken);
    server.pods.remove('default/goes');
    server.pods.put(buildPod({ name: 'comes' }));
    server.pods.compact();
    await clock.advance(1000);
    expect(seen).toEqual(['delete goes unseen', 'add comes']);
    expect(server.pods.asked.lists).toBe(2);
    await informer.stop();
  });

  it('does not ask in a busy loop when the server says 410 for ever', async () => {
    const { clock, server, informer } = await started();
    const { pods } = server;
    for (let turn = 0; turn < 100; turn += 1) {
      pods.put(buildPod({ name: 'a' }));
      pods.breakWatches(newExpired('too old'));
      await clock.advance(10);
    }
    expect(pods.asked.lists).toBeLessThan(110);
    const before = pods.asked.lists;
    pods.failNext(newExpired('too old'), 1000);
    pods.breakWatches(broken);
    await clock.advance(10_000);
    expect(pods.asked.lists - before).toBeLessThan(10);
    await informer.stop();
  });

  it('tells of a delete and an add when an object was replaced under its name', async () => {
    const world = build();
    world.server.pods.put(buildPod({ name: 'a', uid: 'one' }));
    const { clock, server, informer, seen } = await started(world);
    seen.length = 0;
    server.pods.breakWatches(broken);
    server.pods.put(buildPod({ name: 'a', uid: 'two' }));
    server.pods.compact();
    await clock.advance(1000);
    expect(seen).toEqual(['delete a unseen', 'add a']);
    await informer.stop();
  });

  it('follows bookmarks, so that a quiet resource survives a compaction', async () => {
    const { clock, server, informer } = await started();
    server.pods.put(buildPod({ name: 'a' }));
    server.pods.bookmark();
    await settle();
    server.pods.compact();
    server.pods.breakWatches(broken);
    await clock.advance(1000);
    expect(server.pods.asked.lists).toBe(1);
    expect(server.pods.openWatches).toBe(1);
    await informer.stop();
  });

  it('tries for ever with growing pauses of at most 5 s, also for the first list', async () => {
    const world = build();
    world.server.pods.failNext(broken, 8);
    world.informer.start();
    const attemptsAtMs: number[] = [];
    for (let ms = 0; ms < 24_000; ms += 100) {
      await world.clock.advance(100);
      if (world.informer.hasSynced()) attemptsAtMs.push(ms);
    }
    expect(world.informer.hasSynced()).toBe(true);
    // 200 + 400 + 800 + 1600 + 3000 × 4
    expect(attemptsAtMs[0]).toBe(14_900);
    await world.informer.stop();
  });

  it('does not ask in a busy loop when the server ends each watch at once', async () => {
    const { clock, server, informer } = await started();
    for (let turn = 0; turn < 100; turn += 1) {
      server.pods.breakWatches();
      await clock.advance(10);
    }
    expect(server.pods.asked.watches).toBeLessThan(6);
    await informer.stop();
  });

  it('keeps going when a handler throws', async () => {
    const { server, informer, seen } = await started();
    informer.addEventHandler({
      onAdd() {
        throw new Error('handler');
      },
    });
    server.pods.put(buildPod({ name: 'a' }));
    server.pods.put(buildPod({ name: 'b' }));
    await settle();
    expect(seen).toEqual(['add a', 'add b']);
    await informer.stop();
  });

  it('stops while it waits, leaves no timer and rejects those who wait for the first list', async () => {
    const world = build();
    world.server.pods.failNext(broken, 100);
    world.informer.start();
    await settle();
    const waiting = expect(world.informer.waitForSync()).rejects.toThrow('informer pods stops');
    await world.informer.stop();
    await waiting;
    expect(world.clock.pendingTimers).toBe(0);
    expect(world.server.pods.openWatches).toBe(0);
  });

  it('rejects a wait whose signal aborts', async () => {
    const { informer } = build();
    const ending = new AbortController();
    const waiting = informer.waitForSync(ending.signal);
    ending.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });
});

type Fault = 'break' | 'end' | 'compact' | 'fail' | 'bookmark' | 'wait' | 'settle';
type Step = { kind: 'put' | 'remove' | 'recreate'; name: string } | { kind: Fault; name?: never };

const change: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom<'put' | 'remove' | 'recreate'>('put', 'remove', 'recreate'),
  name: fc.constantFrom('a', 'b', 'c'),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  change,
  fc.record({ kind: fc.constantFrom<Fault>('break', 'end', 'compact', 'fail', 'bookmark', 'wait', 'settle') }),
);

let serial = 0;

async function take({ server: { pods }, clock }: World, { kind, name }: Step): Promise<void> {
  serial += 1;
  switch (kind) {
    case 'put':
      return void pods.put({ ...(pods.get(`default/${name}`) ?? buildPod({ name })), status: { message: String(serial) } });
    case 'recreate':
      return void pods.put(buildPod({ name, uid: `uid-${serial}` }));
    case 'remove':
      return pods.remove(`default/${name}`);
    case 'break':
      return pods.breakWatches(broken);
    case 'end':
      return pods.breakWatches();
    case 'compact':
      return pods.compact();
    case 'fail':
      return pods.failNext(broken);
    case 'bookmark':
      return pods.bookmark();
    case 'wait':
      return clock.advance(300);
    case 'settle':
      return settle();
  }
}

interface Belief {
  pods: Map<string, Pod>;
  /** What the handler was told that cannot follow from what it was told before. */
  contradictions: string[];
}

/** A handler that believes nothing but what it is told. */
function follow(informer: SharedInformer<Pod>): Belief {
  const belief: Belief = { pods: new Map(), contradictions: [] };
  const check = (holds: boolean, what: string): void => void (holds || belief.contradictions.push(what));
  informer.addEventHandler({
    onAdd(pod) {
      check(!belief.pods.has(keyOf(pod)), 'added twice');
      belief.pods.set(keyOf(pod), pod);
    },
    onUpdate(old, pod) {
      check(belief.pods.get(keyOf(pod)) === old, 'updated from another state');
      check(Number(pod.metadata.resourceVersion) > Number(old.metadata.resourceVersion), 'back in time');
      check(pod.metadata.uid === old.metadata.uid, 'became another object');
      belief.pods.set(keyOf(pod), pod);
    },
    onDelete: (pod) => check(belief.pods.delete(keyOf(pod)), 'deleted twice'),
  });
  return belief;
}

function versions(pods: Iterable<Pod>): string[] {
  return [...pods].map((pod) => `${keyOf(pod)}@${pod.metadata.resourceVersion}`).toSorted();
}

describe('SharedInformer under faults', () => {
  it('ends equal to the server, and so do its handlers, whatever broke in between', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.array(change, { maxLength: 4 }), async (steps, missed) => {
        const world = build();
        const belief = follow(world.informer);
        world.informer.start();
        for (const one of steps) await take(world, one);
        await world.clock.advance(60_000);
        world.server.pods.breakWatches(broken);
        for (const one of missed) await take(world, one);
        world.server.pods.compact();
        await world.clock.advance(60_000);
        const truth = versions(world.server.pods.objects());
        expect(belief.contradictions).toEqual([]);
        expect(versions(world.informer.lister.list())).toEqual(truth);
        expect(versions(belief.pods.values())).toEqual(truth);
        await world.informer.stop();
        expect(world.clock.pendingTimers).toBe(0);
      }),
      { numRuns: 200 },
    );
  });
});
