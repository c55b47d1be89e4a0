import { beforeEach, describe, expect, it } from 'vitest';
import type { Service, ServiceSpec } from '@podling/shared/api';
import { serviceKind } from '@podling/shared/scheme';
import { FakeClock } from '@podling/shared/testing';
import { createLogger } from '@podling/shared/util';
import { createMemoryStorage } from '../../storage/testing/index.ts';
import type { Storage } from '../../storage/storage.ts';
import { endpointSliceStrategy } from '../endpoint-slice/strategy.ts';
import { RegistryStore } from '../generic/registry-store.ts';
import { ApiServerLeases } from './apiserver-leases.ts';
import { installServices } from './install-services.ts';
import type { InstalledServices } from './install-services.ts';
import { createServiceStrategy } from './strategy.ts';

const logger = createLogger('test', 'silent');
const ports = [{ port: 80 }];

let clock: FakeClock;
let storage: Storage;

beforeEach(() => {
  clock = new FakeClock();
  storage = createMemoryStorage({ clock });
});

/** What one apiserver has on the store that all share. */
const install = (clusterIPRange = '10.0.0.0/29'): InstalledServices =>
  installServices({ storageFor: () => storage, clock, logger, endpointSlices: endpointSlices(), clusterIPRange });
const endpointSlices = () => new RegistryStore({ strategy: endpointSliceStrategy, storage, clock });
const service = (name: string, spec: ServiceSpec): Service => serviceKind.applyDefaults({ kind: 'Service', apiVersion: 'v1', metadata: { name }, spec });
const create = ({ store }: InstalledServices, name: string, spec: ServiceSpec = { ports }) => store.create('ns', service(name, spec));
/** A write past all allocation, as a restored backup would be. */
const smuggle = (name: string, clusterIP: string) =>
  new RegistryStore({ strategy: createServiceStrategy('IPv4'), storage, clock }).create('ns', service(name, { ports, clusterIP, clusterIPs: [clusterIP] }));

/** What an apiserver does at its start. */
async function startOnce(): Promise<void> {
  const { maintenance, firstIP } = install();
  maintenance.start({ clusterIP: firstIP, targetPort: 6443 });
  await maintenance.stop();
}

describe('the allocation of cluster IPs', () => {
  it('gives each address to one service, whichever apiserver is asked, until the range is used up', async () => {
    const servers = [install(), install()] as const;
    const made = await Promise.all(Array.from({ length: 6 }, (_, index) => create(index % 2 === 0 ? servers[0] : servers[1], `s${index}`)));
    expect(new Set(made.map(({ spec }) => spec?.clusterIP)).size).toBe(6);
    await expect(create(servers[0], 'late')).rejects.toThrow('range is full');
    await servers[1].store.delete('ns', 's3');
    expect((await create(servers[0], 'late')).spec?.clusterIP).toBe(made[3]?.spec?.clusterIP);
  });

  it('claims at the start what a service has without an allocation', async () => {
    await smuggle('restored', '10.0.0.5');
    const server = install();
    await startOnce();
    await expect(create(server, 'thief', { ports, clusterIP: '10.0.0.5' })).rejects.toThrow('provided IP is already allocated');
  });

  it('gives back what no service has, but nothing that may be on its way', async () => {
    const server = install();
    await create(server, 'lost', { ports, clusterIP: '10.0.0.5' });
    await storage.delete('/registry/services/ns/lost');
    await startOnce();
    await expect(create(server, 'early', { ports, clusterIP: '10.0.0.5' })).rejects.toThrow('provided IP is already allocated');
    await clock.advance(61_000);
    await startOnce();
    expect((await create(server, 'late', { ports, clusterIP: '10.0.0.5' })).spec?.clusterIP).toBe('10.0.0.5');
  });
});

describe('the service of the apiserver', () => {
  it('comes back when it is deleted', async () => {
    const server = install();
    server.maintenance.start({ clusterIP: server.firstIP, targetPort: 6443 });
    await expect.poll(() => server.store.get('default', 'kubernetes').catch(() => undefined)).toMatchObject({ spec: { clusterIP: '10.0.0.1' } });
    await server.store.delete('default', 'kubernetes');
    await clock.advance(10_000);
    await expect.poll(() => server.store.get('default', 'kubernetes').catch(() => undefined)).toMatchObject({ spec: { clusterIP: '10.0.0.1' } });
    await server.maintenance.stop();
  });

  it('has the addresses of the apiservers that live, and of no other', async () => {
    const [one, two] = [install(), install()];
    const addresses = async () => {
      const { endpoints, ports: told } = await endpointSlices().get('default', 'kubernetes');
      expect(told).toEqual([{ name: 'https', protocol: 'TCP', port: 6443 }]);
      return endpoints.flatMap((endpoint) => endpoint.addresses);
    };
    one.maintenance.start({ clusterIP: one.firstIP, targetPort: 6443 }, '192.0.2.2');
    two.maintenance.start({ clusterIP: two.firstIP, targetPort: 6443 }, '192.0.2.1');
    await expect.poll(() => addresses().catch(() => undefined)).toHaveLength(1);
    await clock.advance(10_000);
    await expect.poll(addresses).toEqual(['192.0.2.1', '192.0.2.2']);
    expect((await endpointSlices().get('default', 'kubernetes')).metadata.labels).toEqual({ 'kubernetes.io/service-name': 'kubernetes' });
    await one.maintenance.stop();
    await expect.poll(addresses).toEqual(['192.0.2.1']);
    await endpointSlices().delete('default', 'kubernetes');
    await clock.advance(10_000);
    await expect.poll(() => addresses().catch(() => undefined)).toEqual(['192.0.2.1']);
    await two.maintenance.stop();
    expect(await addresses()).toEqual([]);
  });

  it('keeps the family of its addresses, and the slice, while there are none', async () => {
    const { maintenance, firstIP } = install();
    const slice = () => endpointSlices().get('default', 'kubernetes').catch(() => undefined);
    maintenance.start({ clusterIP: firstIP, targetPort: 6443 }, '2001:db8::1');
    await expect.poll(slice).toMatchObject({ addressType: 'IPv6', endpoints: [{ addresses: ['2001:db8::1'] }] });
    const before = await slice();
    await maintenance.stop();
    expect(await slice()).toMatchObject({ addressType: 'IPv6', endpoints: [], metadata: { uid: before?.metadata.uid } });
  });

  it('forgets an apiserver that was killed', async () => {
    const leases = new ApiServerLeases(storage);
    await leases.renew('192.0.2.9');
    const { maintenance, firstIP } = install();
    maintenance.start({ clusterIP: firstIP, targetPort: 6443 }, '192.0.2.1');
    await expect.poll(() => leases.list()).toEqual(['192.0.2.1', '192.0.2.9']);
    await clock.advance(10_000);
    await clock.advance(10_000);
    await expect.poll(async () => (await endpointSlices().get('default', 'kubernetes')).endpoints.flatMap((endpoint) => endpoint.addresses)).toEqual(['192.0.2.1']);
    await maintenance.stop();
  });
});
