import { afterAll, beforeAll } from 'vitest';
import { createLogger, systemClock } from '@podling/shared/util';
import { podsPrefix } from '../contract/fixture.ts';
import { createEtcd3Storage } from '../etcd3/etcd3-storage.ts';
import { storageContract } from '../storage.contract.ts';
import { startEtcd } from '../testing/start-etcd.ts';
import type { TestEtcd } from '../testing/start-etcd.ts';
import { createCacher } from './cacher.ts';

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
