import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock, settle } from '@podling/shared/testing';
import { createLogger, systemClock } from '@podling/shared/util';
import { createPod, describeChange, itemsOf, OpenWatch, pod, podKey, podsPrefix, revisionOf, setReplicas } from '../contract/fixture.ts';
import type { TestPod } from '../contract/fixture.ts';
import { isStorageError, StorageError } from '../errors.ts';
import { createMemoryStorage } from '../memory/memory-storage.ts';
import type { MemoryStorage } from '../memory/memory-storage.ts';
import { storageContract } from '../storage.contract.ts';
import { FaultyStorage } from '../testing/faulty-storage.ts';
import { createCacher } from './cacher.ts';
import type { Cacher } from './cacher.ts';

const historySize = 256;
const logger = createLogger('test', 'silent');

storageContract('Cacher on MemoryStorage', async () => {
  const below = createMemoryStorage({ clock: systemClock });
  const storage = createCacher(below, podsPrefix, { clock: systemClock, logger, historySize });
  await storage.ready();
  return {
    storage,
    historySize,
    compact: async (revision) => below.compact(revision),
    stop: async () => {
      await storage.close();
      await below.close();
    },
  };
});

describe('Cacher', () => {
  const clock = new FakeClock();
  let memory: MemoryStorage;
  let below: FaultyStorage;
  let cacher: Cacher;

  beforeEach(async () => {
    memory = createMemoryStorage({ clock });
    below = new FaultyStorage(memory);
    cacher = createCacher(below, podsPrefix, { clock, logger, historySize: 8 });
    await cacher.ready();
  });
  afterEach(async () => {
    await cacher.close();
    await memory.close();
  });

  const now = async (): Promise<OpenWatch> => new OpenWatch(cacher, podsPrefix, { resourceVersion: await memory.currentRevision() });
  const rejectsWith = (code: StorageError['code']) => (error: unknown): boolean => isStorageError(error, code);

  it('feeds all client watches from one watch on the store', async () => {
    const watches = await Promise.all(Array.from({ length: 20 }, now));
    await createPod(memory, 'web');
    const events = await Promise.all(watches.map((watch) => watch.nextChange()));
    expect(below.followed).toBe(1);
    expect(new Set(events.map((event) => event.object)).size).toBe(1);
    expect(new Set(events.map((event) => event.object)).size).toBe(1);
    await Promise.all(watches.map((watch) => watch.stop()));
  });

  it('ends a watch that falls behind with SlowConsumer and delays no other', async () => {
    const slow = await now();
    const fast = await now();
    await createPod(memory, 'web');
    await slow.nextChange();
    await fast.nextChange();
    for (let index = 0; index < 9; index += 1) {
      await setReplicas(memory, 'web', index);
      expect(await fast.nextChange()).toMatchObject({ object: { spec: { replicas: index } } });
    }
    await expect(slow.nextChange()).rejects.toSatisfy(rejectsWith('SlowConsumer'));
    await fast.stop();
  });

  it('lets a watch lag by its whole history', async () => {
    const start = revisionOf(await createPod(memory, 'web'));
    const lagging = await now();
    for (let index = 0; index < 8; index += 1) await setReplicas(memory, 'web', index);
    await settle();
    expect(await lagging.changes(8)).toHaveLength(8);
    const resumed = new OpenWatch(cacher, podsPrefix, { resourceVersion: start });
    expect(await resumed.changes(8)).toHaveLength(8);
    await Promise.all([lagging.stop(), resumed.stop()]);
  });

  it('keeps client watches open over an outage and goes on where it stopped', async () => {
    const watch = await now();
    await createPod(memory, 'a');
    await watch.nextChange();
    below.holdWatches();
    below.breakWatches(new StorageError('Unreachable', 'gone'));
    await createPod(memory, 'b');
    await memory.delete(podKey('a'));
    below.releaseWatches();
    await clock.advance(1000);
    await createPod(memory, 'c');
    expect((await watch.changes(3)).map(describeChange)).toEqual(['added default/b', 'deleted default/a', 'added default/c']);
    await watch.stop();
  });

  it('ends client watches with Compacted when changes are lost, and fills itself anew', async () => {
    await createPod(memory, 'a');
    const watch = await now();
    below.holdWatches();
    below.breakWatches(new StorageError('Unreachable', 'gone'));
    await memory.delete(podKey('a'));
    await createPod(memory, 'b');
    memory.compact(await memory.currentRevision());
    below.releaseWatches();
    await clock.advance(1000);
    await expect(watch.next()).rejects.toSatisfy(rejectsWith('Compacted'));
    await clock.advance(1000);
    const present = await cacher.list<TestPod>(podsPrefix, { resourceVersion: '0' });
    expect(itemsOf(present).map(({ metadata }) => metadata.name)).toEqual(['b']);
  });

  it('delivers what came before the loss first', async () => {
    const watch = await now();
    await createPod(memory, 'a');
    await settle();
    below.breakWatches(new StorageError('Compacted', 'gone'));
    await clock.advance(1000);
    expect(describeChange(await watch.nextChange())).toBe('added default/a');
    await expect(watch.next()).rejects.toSatisfy(rejectsWith('Compacted'));
  });

  it.each([['0'], [undefined]])('misses nothing in a watch from %s that starts while it fills itself', async (start) => {
    await createPod(memory, 'a');
    below.holdWatches();
    below.breakWatches(new StorageError('Compacted', 'gone'));
    await clock.advance(100);
    const watch = new OpenWatch(cacher, podsPrefix, start === undefined ? {} : { resourceVersion: start });
    await createPod(memory, 'b');
    below.releaseWatches();
    await clock.advance(2000);
    await createPod(memory, 'c');
    expect((await watch.changes(3)).map(describeChange)).toEqual(['added default/a', 'added default/b', 'added default/c']);
    await watch.stop();
  });

  it('answers a watch from before it was filled with Compacted, also when nothing has happened since', async () => {
    const old = await memory.currentRevision();
    await createPod(memory, 'a');
    const filled = await memory.currentRevision();
    const other = createCacher(memory, podsPrefix, { clock, logger });
    await other.ready();
    await expect(new OpenWatch(other, podsPrefix, { resourceVersion: old }).next()).rejects.toSatisfy(rejectsWith('Compacted'));
    const watch = new OpenWatch(other, podsPrefix, { resourceVersion: filled });
    await createPod(memory, 'b');
    expect(describeChange(await watch.nextChange())).toBe('added default/b');
    await watch.stop();
    await other.close();
  });

  it('fails a watch with Unreachable when it cannot be filled in time', async () => {
    below.holdWatches();
    const other = createCacher(below, podsPrefix, { clock, logger, readyTimeoutMs: 500 });
    const watch = new OpenWatch(other, podsPrefix, { resourceVersion: '0' });
    await clock.advance(500);
    await expect(watch.next()).rejects.toSatisfy(rejectsWith('Unreachable'));
    await other.close();
  });

  it('serves stale lists from memory and consistent ones from the store', async () => {
    await createPod(memory, 'a');
    await settle();
    below.holdWatches();
    below.breakWatches(new StorageError('Unreachable', 'gone'));
    await settle();
    await createPod(memory, 'b');
    const names = async (resourceVersion?: string): Promise<string[]> => {
      const list = await cacher.list<TestPod>(podsPrefix, resourceVersion === undefined ? {} : { resourceVersion });
      return itemsOf(list).map(({ metadata }) => metadata.name);
    };
    expect(await names('0')).toEqual(['a']);
    const consistent = [names(), names(await memory.currentRevision())];
    await clock.advance(3000);
    expect(await Promise.all(consistent)).toEqual([['a', 'b'], ['a', 'b']]);
  });

  it('answers consistent reads from memory once it has reached the revision of the store', async () => {
    await createPod(memory, 'a');
    const elsewhere = await memory.create('/registry/nodes/n', pod('n'));
    const list = await cacher.list<TestPod>(podsPrefix);
    expect([list.resourceVersion, itemsOf(list).length]).toEqual([revisionOf(elsewhere), 1]);
    expect((await cacher.get(podKey('a'))).json).toBe(list.stored[0]?.json);
    expect(below.reads).toBe(0);
  });

  it('leaves consistent reads to a store that does not tell progress', async () => {
    const silent = new FaultyStorage(memory, { tellsProgress: false });
    const other = createCacher(silent, podsPrefix, { clock, logger });
    await other.ready();
    await createPod(memory, 'a');
    expect((await other.list(podsPrefix)).stored).toHaveLength(1);
    await other.get(podKey('a'));
    expect(silent.reads).toBe(2);
    const watch = new OpenWatch(other, podsPrefix, {});
    expect(describeChange(await watch.nextChange())).toBe('added default/a');
    await watch.stop();
    await other.close();
  });

  it('sends bookmarks to those who ask, never ahead of the changes', async () => {
    await createPod(memory, 'team/a');
    const quiet = new OpenWatch(cacher, `${podsPrefix}other/`, { resourceVersion: await memory.currentRevision(), bookmarks: true });
    const event = quiet.next();
    const last = revisionOf(await createPod(memory, 'team/b'));
    await clock.advance(60_000);
    expect(await event).toEqual({ type: 'bookmark', revision: last });
    await quiet.stop();
  });

  it('ends all watches and timers when it is closed', async () => {
    const watch = await now();
    await cacher.close();
    expect(await watch.result()).toEqual({ done: true, value: undefined });
    await memory.close();
    await settle();
    expect(clock.pendingTimers).toBe(0);
  });
});
