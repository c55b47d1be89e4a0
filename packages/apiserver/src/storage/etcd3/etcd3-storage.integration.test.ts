import { Etcd3 } from 'etcd3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLogger, systemClock } from '@podling/shared/util';
import { createPod, describeChange, itemsOf, OpenWatch, pod, podKey, podsPrefix, revisionOf, setReplicas } from '../contract/fixture.ts';
import type { TestPod } from '../contract/fixture.ts';
import { isStorageError } from '../errors.ts';
import { storageContract } from '../storage.contract.ts';
import { startEtcd } from '../testing/start-etcd.ts';
import type { TestEtcd } from '../testing/start-etcd.ts';
import { openTcpLink } from '../testing/tcp-link.ts';
import type { TcpLink } from '../testing/tcp-link.ts';
import { createEtcd3Storage } from './etcd3-storage.ts';
import type { Etcd3Storage, Etcd3StorageOptions } from './etcd3-storage.ts';

let etcd: TestEtcd;
let stores = 0;

beforeAll(async () => {
  etcd = await startEtcd();
});
afterAll(async () => {
  await etcd.stop();
});

function open(options: Partial<Etcd3StorageOptions> = {}): Etcd3Storage {
  stores += 1;
  return createEtcd3Storage({
    endpoints: [etcd.endpoint],
    prefix: `/test-${stores}`,
    clock: systemClock,
    logger: createLogger('test', 'silent'),
    ...options,
  });
}

storageContract('[M1] Etcd3Storage', async () => {
  const storage = open();
  return { storage, compact: (revision) => etcd.compact(revision), stop: () => storage.close() };
});

describe('Etcd3Storage', () => {
  let storage: Etcd3Storage;

  beforeEach(() => {
    storage = open();
  });
  afterEach(() => storage.close());

  it('keeps plain JSON without a resourceVersion under its own root', async () => {
    await createPod(storage, 'web', { replicas: 3 });
    const client = new Etcd3({ hosts: etcd.endpoint });
    const value = await client.get(`/test-${stores}/pods/default/web`).string();
    client.close();
    expect(JSON.parse(value ?? '')).toEqual(pod('web', { replicas: 3 }));
  });

  it('lists more than 4 MiB', async () => {
    for (let index = 0; index < 5; index += 1) await createPod(storage, `pod-${index}`, { payload: 'x'.repeat(1.1e6) });
    const list = await storage.list<TestPod>(podsPrefix);
    expect(itemsOf(list).map((item) => item.spec.payload?.length)).toEqual([1.1e6, 1.1e6, 1.1e6, 1.1e6, 1.1e6]);
  });

  it('lists many objects at one revision while others write', async () => {
    const batch = 50;
    for (let start = 0; start < 1250; start += batch) {
      await Promise.all(Array.from({ length: batch }, (_, index) => createPod(storage, `pod-${start + index}`)));
    }
    const revision = await storage.currentRevision();
    const listing = storage.list<TestPod>(podsPrefix, { resourceVersion: revision, resourceVersionMatch: 'Exact' });
    await Promise.all([storage.delete(podKey('pod-1')), storage.delete(podKey('pod-999')), createPod(storage, 'pod-zz')]);
    const { stored, resourceVersion } = await listing;
    expect(stored).toHaveLength(1250);
    expect(resourceVersion).toBe(revision);
    expect((await storage.list(podsPrefix)).stored).toHaveLength(1249);
  });

  it.each([[1.6e6], [2.5e6]])('refuses an object of %d bytes with TooLarge, also as an update', async (bytes) => {
    const tooLarge = (error: unknown): boolean => isStorageError(error, 'TooLarge');
    await expect(createPod(storage, 'big', { payload: 'x'.repeat(bytes) })).rejects.toSatisfy(tooLarge);
    await createPod(storage, 'grows');
    const grow = storage.guaranteedUpdate<TestPod>(podKey('grows'), (current) => ({ ...current, spec: { payload: 'x'.repeat(bytes) } }));
    await expect(grow).rejects.toSatisfy(tooLarge);
    expect((await storage.list(podsPrefix)).stored).toHaveLength(1);
  });

  it('lets objects with a TTL share a lease and says that they went in one revision', async () => {
    const start = await storage.currentRevision();
    await Promise.all(['a', 'b', 'c'].map((name) => storage.create(podKey(name), pod(name), { ttlSeconds: 1 })));
    await createPod(storage, 'stays');
    const watch = new OpenWatch(storage, podsPrefix, { resourceVersion: start });
    await watch.changes(4);
    const gone = await watch.changes(3);
    expect(gone.map(({ type }) => type)).toEqual(['deleted', 'deleted', 'deleted']);
    expect(new Set(gone.map(({ revision }) => revision)).size).toBe(1);
    expect(gone.map(({ more }) => more)).toEqual([true, true, false]);
    expect(itemsOf(await storage.list<TestPod>(podsPrefix)).map(({ metadata }) => metadata.name)).toEqual(['stays']);
    await watch.stop();
  });

  it('keeps the lease of an object that is updated without a TTL', async () => {
    await storage.create(podKey('a'), pod('a'), { ttlSeconds: 1 });
    const updated = await setReplicas(storage, 'a', 5);
    const watch = new OpenWatch(storage, podsPrefix, { resourceVersion: revisionOf(updated) });
    expect(await watch.nextChange()).toMatchObject({ type: 'deleted', object: { spec: { replicas: 5 } } });
    await watch.stop();
  });

  it('tells by bookmarks how far it is when nothing happens under the prefix', async () => {
    await storage.close();
    storage = open({ progressIntervalMs: 50 });
    const watch = new OpenWatch(storage, `${podsPrefix}quiet/`, { resourceVersion: await storage.currentRevision(), bookmarks: true });
    const elsewhere = revisionOf(await createPod(storage, 'busy/web'));
    for (;;) {
      const event = await watch.next();
      expect(event.type).toBe('bookmark');
      if (event.revision === elsewhere) break;
    }
    await watch.stop();
  });
});

describe('Etcd3Storage over a broken link', () => {
  let link: TcpLink;
  let storage: Etcd3Storage;
  let direct: Etcd3Storage;

  beforeEach(async () => {
    link = await openTcpLink(Number(new URL(etcd.endpoint).port));
    direct = open();
    storage = open({ endpoints: [`http://127.0.0.1:${link.port}`], prefix: `/test-${stores}`, progressIntervalMs: 100, livenessTimeoutMs: 400 });
  });
  afterEach(async () => {
    await Promise.all([storage.close(), direct.close()]);
    await link.close();
  });

  it('resumes a watch whose connection was reset, without loss or repetition', async () => {
    const watch = new OpenWatch(storage, podsPrefix, { resourceVersion: revisionOf(await createPod(direct, 'a')) });
    await setReplicas(direct, 'a', 1);
    await watch.nextChange();
    link.cut();
    for (const replicas of [2, 3, 4]) await setReplicas(direct, 'a', replicas);
    link.restore();
    await setReplicas(direct, 'a', 5);
    const changes = await watch.changes(4);
    expect(changes.map(({ object }) => object.spec.replicas)).toEqual([2, 3, 4, 5]);
    await watch.stop();
  });

  it('finds out by itself that a watch has fallen silent and resumes it', async () => {
    const watch = new OpenWatch(storage, podsPrefix, { resourceVersion: revisionOf(await createPod(direct, 'a')) });
    await setReplicas(direct, 'a', 1);
    await watch.nextChange();
    link.silence();
    for (const replicas of [2, 3]) await setReplicas(direct, 'a', replicas);
    const changes = watch.changes(2);
    link.restore();
    expect((await changes).map(({ object }) => object.spec.replicas)).toEqual([2, 3]);
    await watch.stop();
  });

  it('ends a watch with Compacted when its place was compacted during the outage', async () => {
    const watch = new OpenWatch(storage, podsPrefix, { resourceVersion: revisionOf(await createPod(direct, 'a')) });
    await setReplicas(direct, 'a', 1);
    await watch.nextChange();
    link.cut();
    for (const replicas of [2, 3, 4]) await setReplicas(direct, 'a', replicas);
    await etcd.compact(await direct.currentRevision());
    link.restore();
    await expect(watch.next()).rejects.toSatisfy((error) => isStorageError(error, 'Compacted') && /oldest is \d+/.test(String(error)));
  });
});

describe('[M1] Etcd3Storage when etcd dies', () => {
  let storage: Etcd3Storage;

  beforeEach(() => {
    storage = open({ requestTimeoutMs: 1_500 });
  });
  afterEach(async () => {
    await storage.close();
  });

  it('fails every call with Unreachable in bounded time and works again by itself', async () => {
    await createPod(storage, 'web');
    const watch = new OpenWatch(storage, podsPrefix, { resourceVersion: await storage.currentRevision() });
    const event = watch.next();
    await etcd.kill();
    const unreachable = (error: unknown): boolean => isStorageError(error, 'Unreachable');
    const calls: (() => Promise<unknown>)[] = [
      () => createPod(storage, 'other'),
      () => storage.get(podKey('web')),
      () => storage.list(podsPrefix),
      () => setReplicas(storage, 'web', 1),
      () => storage.delete(podKey('web')),
      () => storage.currentRevision(),
      () => event,
      () => new OpenWatch(storage, podsPrefix, {}).next(),
    ];
    try {
      const results = await Promise.allSettled(calls.map((call) => call()));
      expect(results.map((result) => result.status === 'rejected' && unreachable(result.reason))).toEqual(calls.map(() => true));
    } finally {
      await etcd.start();
    }
    await createPod(storage, 'after');
    expect((await storage.list(podsPrefix)).stored).toHaveLength(2);
  });

  it('loses and doubles no event over kill -9 and a restart', async () => {
    await storage.close();
    storage = open();
    const watch = new OpenWatch(storage, podsPrefix, { resourceVersion: revisionOf(await createPod(storage, 'counter', { replicas: 0 })) });
    const writes: number[] = [];
    const write = async (from: number, to: number): Promise<void> => {
      for (let replicas = from; replicas <= to; replicas += 1) {
        // A write whose answer was lost may have happened or not: it is repeated until it is certain.
        await setReplicas(storage, 'counter', replicas).catch(() => setReplicas(storage, 'counter', replicas));
        writes.push(replicas);
      }
    };
    await write(1, 30);
    const writing = write(31, 100);
    await etcd.kill();
    await etcd.start();
    await writing;
    const changes = await watch.changes(100);
    expect(changes.map(({ object }) => object.spec.replicas)).toEqual(writes);
    expect(changes.map(describeChange)).toEqual(writes.map(() => 'modified default/counter'));
    await watch.stop();
  });
});
