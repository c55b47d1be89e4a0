import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLogger, systemClock } from '@podling/shared/util';
import { createPod, describeChange, itemsOf, OpenWatch, podsPrefix, setReplicas } from '../contract/fixture.ts';
import type { TestPod } from '../contract/fixture.ts';
import { isStorageError } from '../errors.ts';
import { createEtcd3Storage } from '../etcd3/etcd3-storage.ts';
import type { Etcd3Storage } from '../etcd3/etcd3-storage.ts';
import { storageContract } from '../storage.contract.ts';
import { startEtcd } from '../testing/start-etcd.ts';
import type { TestEtcd } from '../testing/start-etcd.ts';
import { openTcpLink } from '../testing/tcp-link.ts';
import type { TcpLink } from '../testing/tcp-link.ts';
import { createCacher } from './cacher.ts';
import type { Cacher } from './cacher.ts';

const historySize = 256;
const logger = createLogger('test', 'silent');
let etcd: TestEtcd;
let stores = 0;

beforeAll(async () => {
  etcd = await startEtcd();
});
afterAll(async () => {
  await etcd.stop();
});

storageContract('[M1] Cacher on Etcd3Storage', async () => {
  stores += 1;
  const below = createEtcd3Storage({ endpoints: [etcd.endpoint], prefix: `/test-${stores}`, clock: systemClock, logger });
  const storage = createCacher(below, podsPrefix, { clock: systemClock, logger, historySize });
  await storage.ready();
  return {
    storage,
    historySize,
    compact: (revision) => etcd.compact(revision),
    stop: async () => {
      await storage.close();
      await below.close();
    },
  };
});

describe('[M1] Cacher in front of an etcd that fails', () => {
  let link: TcpLink;
  let direct: Etcd3Storage;
  let below: Etcd3Storage;
  let cacher: Cacher;

  beforeEach(async () => {
    stores += 1;
    const common = { prefix: `/test-${stores}`, clock: systemClock, logger };
    link = await openTcpLink(Number(new URL(etcd.endpoint).port));
    direct = createEtcd3Storage({ ...common, endpoints: [etcd.endpoint] });
    below = createEtcd3Storage({ ...common, endpoints: [`http://127.0.0.1:${link.port}`], requestTimeoutMs: 500 });
    cacher = createCacher(below, podsPrefix, { clock: systemClock, logger });
    await cacher.ready();
  });
  afterEach(async () => {
    await Promise.all([cacher.close(), below.close(), direct.close()]);
    await link.close();
  });

  const openWatch = async (): Promise<OpenWatch> => new OpenWatch(cacher, podsPrefix, { resourceVersion: await direct.currentRevision() });

  it('keeps client watches open over kill -9 of etcd, without loss or repetition', async () => {
    const watches = [await openWatch(), await openWatch()];
    await createPod(direct, 'before');
    for (const watch of watches) await watch.nextChange();
    await etcd.kill();
    await expect(below.currentRevision()).rejects.toSatisfy((error) => isStorageError(error, 'Unreachable'));
    await etcd.start();
    for (const name of ['b', 'c']) await createPod(direct, name);
    await setReplicas(direct, 'b', 2);
    for (const watch of watches) {
      expect((await watch.changes(3)).map(describeChange)).toEqual(['added default/b', 'added default/c', 'modified default/b']);
      await watch.stop();
    }
  });

  it('keeps client watches open over an outage that is longer than a request may take', async () => {
    const watch = await openWatch();
    link.cut();
    await expect(cacher.list(podsPrefix)).rejects.toSatisfy((error) => isStorageError(error, 'Unreachable'));
    await expect(cacher.list(podsPrefix, { resourceVersion: '0' })).resolves.toHaveProperty('stored', []);
    await createPod(direct, 'missed');
    link.restore();
    expect(describeChange(await watch.nextChange())).toBe('added default/missed');
    await watch.stop();
  });

  it('ends client watches with Compacted when etcd has forgotten what was missed, and is right afterwards', async () => {
    await createPod(direct, 'gone');
    const watch = await openWatch();
    link.cut();
    await direct.delete(`${podsPrefix}default/gone`);
    for (const name of ['b', 'c']) await createPod(direct, name);
    await etcd.compact(await direct.currentRevision());
    link.restore();
    await expect(watch.next()).rejects.toSatisfy((error) => isStorageError(error, 'Compacted'));
    const anew = new OpenWatch(cacher, podsPrefix, { resourceVersion: '0' });
    expect((await anew.changes(2)).map(describeChange)).toEqual(['added default/b', 'added default/c']);
    const list = await cacher.list<TestPod>(podsPrefix, { resourceVersion: '0' });
    expect(itemsOf(list).map(({ metadata }) => metadata.name)).toEqual(['b', 'c']);
    await anew.stop();
  });
});
