import { startApiServer } from '@podling/apiserver';
import type { RunningApiServer } from '@podling/apiserver';
import { startControllerManager } from '@podling/controller-manager';
import type { ControllerManager } from '@podling/controller-manager';
import { waitUntil } from '@podling/deploy/observe';
import { isNotFound } from '@podling/shared/api';
import type { Namespace } from '@podling/shared/api';
import { createClient } from '@podling/shared/client';
import type { Client } from '@podling/shared/client';
import { createLogger } from '@podling/shared/util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const logger = createLogger('test', 'silent');
const patience = { timeoutMs: 20_000 };

let server: RunningApiServer;
let client: Client;
let controllers: ControllerManager | undefined;

beforeEach(async () => {
  server = await startApiServer({
    storage: { kind: 'memory' }, insecureBind: { address: '127.0.0.1', port: 0 }, logger, disabledAdmissionPlugins: ['ServiceAccount'],
  });
  client = createClient({ server: server.url, namespace: 'default' });
});

afterEach(async () => {
  await stopControllers();
  await client.close();
  await server.stop();
});

async function startControllers(): Promise<void> {
  controllers = startControllerManager({ client, logger, namespaceGraceMs: 0 });
  await controllers.started;
}

async function stopControllers(): Promise<void> {
  await controllers?.stop();
  controllers = undefined;
}

const present = (name: string): Promise<Namespace | undefined> =>
  client.namespaces().get(name).catch((error: unknown) => {
    if (isNotFound(error)) return undefined;
    throw error;
  });
const gone = (name: string) => waitUntil(`namespace ${name} gone`, async () => (await present(name)) === undefined, patience);
const condition = (name: string, type: string, status: string) =>
  waitUntil(`${type}=${status}`, async () => (await present(name))?.status?.conditions?.find((seen) => seen.type === type && seen.status === status), patience);

const configMapsOf = (namespace: string) => client.configMaps(namespace);
const count = async (namespace: string): Promise<number> => {
  const lists = await Promise.all([client.pods(namespace), configMapsOf(namespace), client.secrets(namespace), client.events(namespace), client.leases(namespace)]
    .map(async (resource) => (await resource.list()).items.length));
  return lists.reduce((sum, length) => sum + length, 0);
};

async function fill(namespace: string): Promise<void> {
  await client.namespaces().create({ metadata: { name: namespace } });
  await configMapsOf(namespace).create({ metadata: { name: 'settings' } });
  await client.secrets(namespace).create({ metadata: { name: 'token' } });
  await client.leases(namespace).create({ metadata: { name: 'lock' } });
  await client.events(namespace).create({ metadata: { name: 'told' }, involvedObject: { kind: 'Pod', name: 'a', namespace } });
}

describe('the deletion of a namespace', () => {
  it('takes all content along, whatever its kind, and leaves others alone', async () => {
    await fill('going');
    await fill('staying');
    await startControllers();
    await client.namespaces().delete('going');
    await gone('going');
    expect([await count('going'), await count('staying')]).toEqual([0, 4]);
    await fill('going');
    expect((await present('going'))?.status?.phase).toBe('Active');
  });

  it('waits for pods first, and a controller that was restarted half-way finishes it', async () => {
    await fill('going');
    await client.pods('going').create({ metadata: { name: 'a' }, spec: { nodeName: 'n', containers: [{ name: 'main', image: 'x' }] } });
    await startControllers();
    await client.namespaces().delete('going');
    expect((await condition('going', 'NamespaceContentRemaining', 'True')).message).toBe('Some resources are remaining: pods. has 1 resource instances');
    expect((await client.pods('going').get('a')).metadata.deletionTimestamp).toBeDefined();
    expect((await configMapsOf('going').list()).items).toHaveLength(1);
    await stopControllers();
    await client.pods('going').delete('a', { gracePeriodSeconds: 0 });
    await startControllers();
    await gone('going');
    expect(await count('going')).toBe(0);
  });

  it('says which finalizers hold it', async () => {
    await fill('going');
    await configMapsOf('going').create({ metadata: { name: 'held', finalizers: ['example.com/hold'] } });
    await startControllers();
    await client.namespaces().delete('going');
    const { message } = await condition('going', 'NamespaceFinalizersRemaining', 'True');
    expect(message).toBe('Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances');
    expect((await present('going'))?.status?.phase).toBe('Terminating');
    await stopControllers();
    await configMapsOf('going').patch('held', { metadata: { finalizers: null } }, 'application/merge-patch+json');
    await startControllers();
    await gone('going');
  });

  it('leaves a namespace to the finalizer of another', async () => {
    await client.namespaces().create({ metadata: { name: 'shared' }, spec: { finalizers: ['example.com/own'] } });
    await startControllers();
    await client.namespaces().delete('shared');
    const left = await waitUntil('our finalizer gone', async () => {
      const namespace = await present('shared');
      return namespace?.spec?.finalizers?.join() === 'example.com/own' && namespace;
    }, patience);
    await client.rest.request({ method: 'PUT', path: '/api/v1/namespaces/shared/finalize', body: { ...left, spec: { finalizers: [] } } });
    expect(await present('shared')).toBeUndefined();
  });
});
