import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '@podling/shared/testing';
import { systemClock } from '@podling/shared/util';
import { createPod, OpenWatch, pod, podKey, podsPrefix, revisionOf, setReplicas } from '../contract/fixture.ts';
import { isStorageError } from '../errors.ts';
import { storageContract } from '../storage.contract.ts';
import { createMemoryStorage } from './memory-storage.ts';
import type { MemoryStorage } from './memory-storage.ts';

storageContract('MemoryStorage', async () => {
  const storage = createMemoryStorage({ clock: systemClock });
  return {
    storage,
    compact: async (revision) => storage.compact(revision),
    stop: () => storage.close(),
  };
});

describe('MemoryStorage', () => {
  let clock: FakeClock;
  let storage: MemoryStorage;

  beforeEach(() => {
    clock = new FakeClock();
    storage = createMemoryStorage({ clock, historySize: 10 });
  });

  const exists = (name: string): Promise<boolean> => storage.get(podKey(name)).then(() => true, () => false);

  it('removes an object when its TTL is over, with an event', async () => {
    await storage.create(podKey('a'), pod('a'), { ttlSeconds: 60 });
    const watch = new OpenWatch(storage, podsPrefix, { resourceVersion: await storage.currentRevision() });
    await clock.advance(59_999);
    expect(await exists('a')).toBe(true);
    await clock.advance(1);
    expect(await exists('a')).toBe(false);
    expect(await watch.nextChange()).toMatchObject({ type: 'deleted', key: podKey('a') });
    await watch.stop();
  });

  it('keeps the TTL over an update, and starts it again when the update says so', async () => {
    await storage.create(podKey('kept'), pod('kept'), { ttlSeconds: 60 });
    await storage.create(podKey('renewed'), pod('renewed'), { ttlSeconds: 60 });
    await clock.advance(50_000);
    await setReplicas(storage, 'kept', 1);
    await storage.guaranteedUpdate(podKey('renewed'), (current) => ({ ...current, spec: { replicas: 1 } }), { ttlSeconds: 60 });
    await clock.advance(10_000);
    expect([await exists('kept'), await exists('renewed')]).toEqual([false, true]);
    await clock.advance(50_000);
    expect(await exists('renewed')).toBe(false);
  });

  it('does not remove an object that took the place of an expired one', async () => {
    await storage.create(podKey('a'), pod('a'), { ttlSeconds: 60 });
    await storage.delete(podKey('a'));
    await createPod(storage, 'a');
    await clock.advance(120_000);
    expect(await exists('a')).toBe(true);
  });

  it('keeps a bounded history', async () => {
    const start = revisionOf(await createPod(storage, 'a'));
    for (let index = 0; index < 30; index += 1) await setReplicas(storage, 'a', index);
    const old = new OpenWatch(storage, podsPrefix, { resourceVersion: start });
    await expect(old.next()).rejects.toSatisfy((error) => isStorageError(error, 'Compacted'));
  });

  it('leaves no timer behind when it is closed', async () => {
    await storage.create(podKey('a'), pod('a'), { ttlSeconds: 60 });
    await storage.close();
    expect(clock.pendingTimers).toBe(0);
    await expect(storage.currentRevision()).rejects.toSatisfy((error) => isStorageError(error, 'Unreachable'));
  });
});
