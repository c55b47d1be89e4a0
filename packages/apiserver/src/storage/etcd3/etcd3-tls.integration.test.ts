import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createLogger, systemClock } from '@podling/shared/util';
import { createTestAuthority } from '../../testing/certificates.ts';
import type { PemPair, TestAuthority } from '../../testing/certificates.ts';
import { createCacher } from '../cacher/cacher.ts';
import { createPod, describeChange, itemsOf, OpenWatch, podsPrefix, setReplicas } from '../contract/fixture.ts';
import { isStorageError } from '../errors.ts';
import { startEtcd } from '../testing/start-etcd.ts';
import type { TestEtcd } from '../testing/start-etcd.ts';
import { createEtcd3Storage } from './etcd3-storage.ts';
import type { Etcd3Storage } from './etcd3-storage.ts';

const logger = createLogger('test', 'silent');

describe('[M1] Etcd3Storage over TLS', () => {
  let folder: string;
  let authority: TestAuthority;
  let stranger: TestAuthority;
  let etcd: TestEtcd;
  let client: PemPair;
  const open: Etcd3Storage[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'podling-etcd-tls-'));
    [authority, stranger] = await Promise.all([createTestAuthority('etcd-ca'), createTestAuthority('other-ca')]);
    const server = await authority.issue('etcd');
    client = await authority.issue('apiserver');
    const files = { ca: join(folder, 'ca.crt'), cert: join(folder, 'server.crt'), key: join(folder, 'server.key') };
    await Promise.all([writeFile(files.ca, authority.cert), writeFile(files.cert, server.cert), writeFile(files.key, server.key)]);
    etcd = await startEtcd({ tls: files });
  });
  afterEach(() => Promise.all(open.splice(0).map((storage) => storage.close())));
  afterAll(async () => {
    await etcd.stop();
    await rm(folder, { recursive: true });
  });

  const connect = (ca: string, pair?: PemPair, requestTimeoutMs = 1000): Etcd3Storage => {
    const identity = pair === undefined ? {} : { cert: Buffer.from(pair.cert), key: Buffer.from(pair.key) };
    const storage = createEtcd3Storage({ endpoints: [etcd.endpoint], clock: systemClock, logger, requestTimeoutMs, tls: { ca: Buffer.from(ca), ...identity } });
    open.push(storage);
    return storage;
  };

  it('serves writes, lists and watches to a client with a certificate of its CA', async () => {
    const storage = connect(authority.cert, client, 10_000);
    const cacher = createCacher(storage, podsPrefix, { clock: systemClock, logger });
    await cacher.ready();
    const watch = new OpenWatch(cacher, podsPrefix, { resourceVersion: await cacher.currentRevision() });
    await createPod(cacher, 'web');
    await setReplicas(cacher, 'web', 2);
    expect(itemsOf(await cacher.list(podsPrefix))).toMatchObject([{ spec: { replicas: 2 } }]);
    expect((await watch.changes(2)).map(describeChange)).toEqual(['added default/web', 'modified default/web']);
    await watch.stop();
    await cacher.close();
  });

  it.each([
    ['has no certificate', () => connect(authority.cert)],
    ['has a certificate of another CA', async () => connect(authority.cert, await stranger.issue('apiserver'))],
    ['does not trust the CA of etcd', () => connect(stranger.cert, client)],
  ])('fails with Unreachable for a client that %s', async (_title, connectWrongly) => {
    const storage = await connectWrongly();
    await expect(storage.list(podsPrefix)).rejects.toSatisfy((error) => isStorageError(error, 'Unreachable'));
    await expect(createPod(storage, 'other')).rejects.toSatisfy((error) => isStorageError(error, 'Unreachable'));
  });

  it('fails with Unreachable for a client that speaks in the clear', async () => {
    const storage = createEtcd3Storage({ endpoints: [etcd.endpoint.replace('https', 'http')], clock: systemClock, logger, requestTimeoutMs: 500 });
    open.push(storage);
    await expect(storage.currentRevision()).rejects.toSatisfy((error) => isStorageError(error, 'Unreachable'));
  });
});
