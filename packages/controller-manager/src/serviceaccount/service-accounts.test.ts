import type { Namespace } from '@podling/shared/api';
import { createFakeServer, FakeClock, settle } from '@podling/shared/testing';
import type { FakeServer } from '@podling/shared/testing';
import { createLogger } from '@podling/shared/util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startControllerManager } from '../index.ts';
import type { ControllerManager } from '../index.ts';

const logger = createLogger('test', 'silent');
const rootCa = 'the authority';

describe('what every namespace is given', () => {
  let server: FakeServer;
  let clock: FakeClock;
  let manager: ControllerManager;

  const namespace = (name: string, metadata: Partial<Namespace['metadata']> = {}): Namespace => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, ...metadata } });
  const restart = async (): Promise<void> => {
    manager = startControllerManager({ client: server.client, clock, logger, rootCa });
    await manager.started;
    await settle();
  };
  const account = () => server.serviceAccounts.get('team/default');
  const published = () => server.configMaps.get('team/kube-root-ca.crt');

  beforeEach(async () => {
    server = createFakeServer();
    clock = new FakeClock();
    await restart();
  });
  afterEach(() => manager.stop());

  it('is a default account, and again when it is deleted', async () => {
    server.namespaces.put(namespace('team'));
    await settle();
    expect(account()?.metadata.name).toBe('default');
    server.serviceAccounts.remove('team/default');
    await settle();
    expect(account()?.metadata.name).toBe('default');
  });

  it('is the CA, put right when somebody changes or deletes it', async () => {
    server.namespaces.put(namespace('team'));
    await settle();
    expect(published()?.data).toEqual({ 'ca.crt': rootCa });
    server.configMaps.put({ ...published(), metadata: { name: 'kube-root-ca.crt', namespace: 'team' }, data: { 'ca.crt': 'forged', more: 'x' } });
    await settle();
    expect(published()?.data).toEqual({ 'ca.crt': rootCa });
    server.configMaps.remove('team/kube-root-ca.crt');
    await settle();
    expect(published()?.data).toEqual({ 'ca.crt': rootCa });
  });

  it('comes to namespaces that appeared, and is mended where it was changed, while nobody ran', async () => {
    server.namespaces.put(namespace('team'));
    await settle();
    await manager.stop();
    server.serviceAccounts.remove('team/default');
    server.configMaps.put({ ...published(), metadata: { name: 'kube-root-ca.crt', namespace: 'team' }, data: {} });
    server.namespaces.put(namespace('new'));
    await restart();
    expect([account()?.metadata.name, server.serviceAccounts.get('new/default')?.metadata.name]).toEqual(['default', 'default']);
    expect([published()?.data, server.configMaps.get('new/kube-root-ca.crt')?.data]).toEqual([{ 'ca.crt': rootCa }, { 'ca.crt': rootCa }]);
  });

  it('survives a stop between the two', async () => {
    server.configMaps.failNext(new Error('connection refused'));
    server.namespaces.put(namespace('team'));
    await settle();
    expect([account() !== undefined, published()]).toEqual([true, undefined]);
    await manager.stop();
    await restart();
    expect(published()?.data).toEqual({ 'ca.crt': rootCa });
  });

  it('does not come to one that is going', async () => {
    server.namespaces.put(namespace('team', { deletionTimestamp: '2026-01-01T00:00:00Z' }));
    await settle();
    expect([account(), published()]).toEqual([undefined, undefined]);
  });
});
