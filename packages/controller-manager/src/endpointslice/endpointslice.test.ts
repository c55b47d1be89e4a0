import type { EndpointSlice, Pod, Service } from '@podling/shared/api';
import { FakeClock, buildPod, createFakeServer, settle } from '@podling/shared/testing';
import type { FakeServer } from '@podling/shared/testing';
import { createLogger } from '@podling/shared/util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startControllerManager } from '../index.ts';
import type { ControllerManager } from '../index.ts';
import { desiredSlices } from './desired-slices.ts';

const aService = (spec: Service['spec'] = {}, labels: Record<string, string> = {}): Service => ({
  apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'default', uid: 'service-uid', labels },
  spec: { type: 'ClusterIP', clusterIP: '10.96.0.9', ipFamilies: ['IPv4'], selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 'web', protocol: 'TCP' }], ...spec },
});

interface PodParts {
  ip?: string;
  ready?: boolean;
  port?: number;
  labels?: Record<string, string>;
  spec?: Partial<Pod['spec']>;
  status?: Partial<NonNullable<Pod['status']>>;
}

function aPod(name: string, { ip = '10.1.0.1', ready = true, port = 8080, labels = { app: 'web' }, spec = {}, status = {} }: PodParts = {}): Pod {
  const pod = buildPod({ name });
  const containers = [{ ...(pod.spec.containers[0] ?? { name: 'c', image: 'i' }), ports: [{ name: 'web', containerPort: port }] }];
  return {
    ...pod, metadata: { ...pod.metadata, labels, uid: `${name}-uid` }, spec: { ...pod.spec, containers, nodeName: 'n', ...spec } as Pod['spec'],
    status: { phase: 'Running', podIPs: [{ ip }], conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }], ...status },
  };
}

const conditions = (slices: EndpointSlice[]) => slices.flatMap(({ endpoints }) => endpoints.map((endpoint) => [endpoint.targetRef?.name, endpoint.conditions]));

describe('the slices of a service', () => {
  it('name each selected pod with its address, node and port', () => {
    const [slice, ...others] = desiredSlices(aService({}, { team: 'a' }), [aPod('b', { ip: '10.1.0.2' }), aPod('a')]);
    expect(others).toEqual([]);
    expect(slice).toMatchObject({
      addressType: 'IPv4', ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
      metadata: {
        labels: { team: 'a', 'kubernetes.io/service-name': 'web', 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io' },
        ownerReferences: [{ kind: 'Service', name: 'web', uid: 'service-uid', controller: true }],
      },
    });
    expect(slice?.endpoints.map(({ addresses, nodeName, targetRef }) => [addresses, nodeName, targetRef?.name])).toEqual([[['10.1.0.1'], 'n', 'a'], [['10.1.0.2'], 'n', 'b']]);
  });

  it('say who is ready, who serves while it ends, and take publishNotReadyAddresses at its word', () => {
    const ending = aPod('ending');
    ending.metadata.deletionTimestamp = '2026-01-02T03:04:05Z';
    const pods = [aPod('ready'), aPod('starting', { ready: false }), ending];
    expect(conditions(desiredSlices(aService(), pods))).toEqual([
      ['ending', { ready: false, serving: true, terminating: true }],
      ['ready', { ready: true, serving: true, terminating: false }],
      ['starting', { ready: false, serving: false, terminating: false }],
    ]);
    const published = conditions(desiredSlices(aService({ publishNotReadyAddresses: true }), pods));
    expect(published).toMatchObject([['ending', { ready: true }], ['ready', { ready: true }], ['starting', { ready: true, serving: false }]]);
  });

  it('leave out who has ended or has no address yet', () => {
    const pods = [aPod('done', { status: { phase: 'Succeeded' } }), aPod('new', { status: { podIPs: [] } })];
    expect(desiredSlices(aService(), pods)).toMatchObject([{ endpoints: [], ports: [] }]);
  });

  it('part pods whose named port differs, and leave the port out where it is missing', () => {
    const slices = desiredSlices(aService(), [aPod('a'), aPod('b', { port: 9090 }), aPod('c', { spec: { containers: [] } })]);
    expect(slices.map(({ ports, endpoints }) => [ports.map(({ port }) => port), endpoints.length])).toEqual([[[8080], 1], [[9090], 1], [[], 1]]);
    expect(new Set(slices.map(({ metadata }) => metadata.name)).size).toBe(3);
  });

  it('carry the hostname of pods whose subdomain is the service', () => {
    const spec = { hostname: 'db-0', subdomain: 'web' };
    const [slice] = desiredSlices(aService({ clusterIP: 'None', ports: [] }), [aPod('a', { spec }), aPod('b', { spec: { ...spec, subdomain: 'other' } })]);
    expect(slice?.metadata.labels).toHaveProperty('service.kubernetes.io/headless');
    expect(slice?.endpoints.map(({ hostname }) => hostname)).toEqual(['db-0', undefined]);
  });

  it('hold at most a hundred endpoints each, one family each', () => {
    const pods = Array.from({ length: 230 }, (_, index) => aPod(`p${String(index).padStart(3, '0')}`, { status: { podIPs: [{ ip: `10.1.0.${index + 1}` }, { ip: `fd00::${index + 1}` }] } }));
    const slices = desiredSlices(aService({ ipFamilies: ['IPv4', 'IPv6'] }), pods);
    expect(slices.map(({ addressType, endpoints }) => [addressType, endpoints.length])).toEqual([
      ['IPv4', 100], ['IPv4', 100], ['IPv4', 30], ['IPv6', 100], ['IPv6', 100], ['IPv6', 30],
    ]);
  });
});

describe('the endpoint slice controller', () => {
  let server: FakeServer;
  let clock: FakeClock;
  let manager: ControllerManager;
  const addresses = (): string[] => server.endpointSlices.objects().flatMap(({ endpoints }) => endpoints.flatMap((endpoint) => endpoint.addresses)).toSorted();

  beforeEach(async () => {
    clock = new FakeClock();
    server = createFakeServer();
    server.services.put(aService());
    manager = startControllerManager({ client: server.client, clock, logger: createLogger('test', 'silent') });
    await manager.started;
    await settle();
  });
  afterEach(() => manager.stop());

  it('follows pods as they come, change their labels and go', async () => {
    expect(server.endpointSlices.objects()).toHaveLength(1);
    server.pods.put(aPod('a'));
    server.pods.put(aPod('other', { ip: '10.1.0.3', labels: {} }));
    await settle();
    expect(addresses()).toEqual(['10.1.0.1']);
    server.pods.put(aPod('other', { ip: '10.1.0.3' }));
    await settle();
    expect(addresses()).toEqual(['10.1.0.1', '10.1.0.3']);
    server.pods.put(aPod('a', { labels: {} }));
    await settle();
    expect(addresses()).toEqual(['10.1.0.3']);
    server.pods.remove('default/other');
    await settle();
    expect(addresses()).toEqual([]);
    expect(server.endpointSlices.objects()).toHaveLength(1);
  });

  it('puts back what somebody took or changed, and leaves what is others\'', async () => {
    server.pods.put(aPod('a'));
    const foreign: EndpointSlice = { metadata: { name: 'mine', namespace: 'default', labels: { 'kubernetes.io/service-name': 'web' } }, addressType: 'IPv4', endpoints: [], ports: [] };
    server.endpointSlices.put(foreign);
    await settle();
    const [ours] = server.endpointSlices.objects().filter(({ endpoints }) => endpoints.length > 0);
    server.endpointSlices.put({ ...(ours as EndpointSlice), endpoints: [] });
    await settle();
    expect(addresses()).toEqual(['10.1.0.1']);
    server.endpointSlices.remove(`default/${ours?.metadata.name}`);
    await settle();
    expect(addresses()).toEqual(['10.1.0.1']);
    expect(server.endpointSlices.get('default/mine')).toBeDefined();
  });

  it('writes nothing while nothing changes', async () => {
    server.pods.put(aPod('a'));
    await settle();
    const versions = (): unknown[] => server.endpointSlices.objects().map(({ metadata }) => metadata.resourceVersion);
    const before = versions();
    server.pods.put(aPod('a', { status: { message: 'still fine' } }));
    await settle();
    expect(versions()).toEqual(before);
  });

  it('takes the slices away with their service, and keeps those of one that selects no more', async () => {
    server.services.put(aService({ selector: undefined } as unknown as Service['spec']));
    await settle();
    expect(server.endpointSlices.objects()).toHaveLength(1);
    server.services.remove('default/web');
    await settle();
    expect(server.endpointSlices.objects()).toEqual([]);
  });
});
