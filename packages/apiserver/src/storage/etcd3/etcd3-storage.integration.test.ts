import { afterAll, beforeAll } from 'vitest';
import { createLogger, systemClock } from '@podling/shared/util';
import { storageContract } from '../storage.contract.ts';
import { startEtcd } from '../testing/start-etcd.ts';
import type { TestEtcd } from '../testing/start-etcd.ts';
import { createEtcd3Storage } from './etcd3-storage.ts';

let etcd: TestEtcd;
let stores = 0;

beforeAll(async () => {
  etcd = await startEtcd();
});
afterAll(async () => {
  await etcd.stop();
});

storageContract('[M1] Etcd3Storage', async () => {
  stores += 1;
  const storage = createEtcd3Storage({
    endpoints: [etcd.endpoint],
    prefix: `/test-${stores}`,
    clock: systemClock,
    logger: createLogger('test', 'silent'),
  });
  return { storage, compact: (revision) => etcd.compact(revision), stop: () => storage.close() };
});
