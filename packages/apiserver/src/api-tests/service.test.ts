import { describe, expect, it } from 'vitest';
import type { KubeList, Service, ServiceSpec, Status } from '@podling/shared/api';
import { useTestServer } from '../testing/test-server.ts';

const services = '/api/v1/namespaces/default/services';
const merge = 'application/merge-patch+json';
const ports = [{ port: 80 }];

describe('services', () => {
  const server = useTestServer();
  const create = (name: string, spec: ServiceSpec, query = '') => server.send<Service & Status>('POST', `${services}${query}`, { body: { metadata: { name }, spec } });
  const patch = (name: string, spec: object) => server.send<Service & Status>('PATCH', `${services}/${name}`, { body: { spec }, contentType: merge });
  const messageOf = async (answer: Promise<{ code: number; body: Status }>): Promise<[number, string | undefined]> => {
    const { code, body } = await answer;
    return [code, body.message];
  };

  it('begin with the one of the apiserver, at the first address', async () => {
    const { body } = await server.send<Service>('GET', `${services}/kubernetes`);
    expect(body.metadata.labels).toEqual({ component: 'apiserver', provider: 'kubernetes' });
    expect(body.spec).toEqual({
      type: 'ClusterIP', clusterIP: '10.96.0.1', clusterIPs: ['10.96.0.1'], ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack', sessionAffinity: 'None',
      internalTrafficPolicy: 'Cluster', ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: Number(new URL(server.url).port) }],
    });
  });

  it('get an address, and all defaults', async () => {
    const { code, body } = await create('plain', { ports, selector: { app: 'a' } });
    expect([code, body.status]).toEqual([201, { loadBalancer: {} }]);
    const { clusterIP = '' } = body.spec ?? {};
    expect(clusterIP).toMatch(/^10\.96\.\d+\.\d+$/);
    expect(body.spec).toEqual({
      ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }], selector: { app: 'a' }, clusterIP, clusterIPs: [clusterIP], type: 'ClusterIP', sessionAffinity: 'None',
      ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack', internalTrafficPolicy: 'Cluster',
    });
  });

  it('have none when headless, or a name elsewhere', async () => {
    const headless = await create('headless', { clusterIP: 'None', selector: { a: 'b' } });
    expect(headless.body.spec).toMatchObject({ clusterIP: 'None', clusterIPs: ['None'], ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' });
    const free = await create('headless-free', { clusterIP: 'None' });
    expect(free.body.spec).toMatchObject({ ipFamilies: ['IPv4', 'IPv6'], ipFamilyPolicy: 'RequireDualStack' });
    const external = await create('external', { type: 'ExternalName', externalName: 'example.com' });
    expect(external.body.spec).toEqual({ type: 'ExternalName', externalName: 'example.com', sessionAffinity: 'None' });
  });

  it('share no address and no node port, however many ask at once', async () => {
    const names = Array.from({ length: 30 }, (_, index) => `many-${index}`);
    const made = await Promise.all(names.map((name) => create(name, { type: 'NodePort', ports })));
    expect(new Set(made.map(({ code }) => code))).toEqual(new Set([201]));
    expect(new Set(made.map(({ body }) => body.spec?.clusterIP)).size).toBe(30);
    const nodePorts = made.map(({ body }) => body.spec?.ports?.[0]?.nodePort ?? 0);
    expect(new Set(nodePorts).size).toBe(30);
    expect(nodePorts.every((port) => port >= 30_086 && port <= 32_767)).toBe(true);
  });

  it('are refused an address that is taken or not ours', async () => {
    expect(await messageOf(create('thief', { clusterIP: '10.96.0.1', ports }))).toEqual([
      422, 'Service "thief" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.1"]: failed to allocate IP 10.96.0.1: provided IP is already allocated',
    ]);
    expect(await messageOf(create('stranger', { clusterIP: '11.96.0.1', ports }))).toEqual([
      422, 'Service "stranger" is invalid: spec.clusterIPs: Invalid value: ["11.96.0.1"]: failed to allocate IP 11.96.0.1: the provided network does not match the current range',
    ]);
    expect(await messageOf(create('six', { clusterIP: 'fd00::1', ports }))).toEqual([
      422, 'Service "six" is invalid: spec.clusterIPs[0]: Invalid value: ["fd00::1"]: IPv6 is not configured on this cluster',
    ]);
    expect(await messageOf(create('both', { ipFamilyPolicy: 'RequireDualStack', ports }))).toEqual([
      422, 'Service "both" is invalid: spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services',
    ]);
  });

  it('are refused a node port that is taken or out of range', async () => {
    const { body } = await create('first', { type: 'NodePort', ports: [{ port: 80, nodePort: 30_010 }] });
    expect(body.spec?.externalTrafficPolicy).toBe('Cluster');
    expect(await messageOf(create('second', { type: 'NodePort', ports: [{ port: 80, nodePort: 30_010 }] }))).toEqual([
      422, 'Service "second" is invalid: spec.ports[0].nodePort: Invalid value: 30010: provided port is already allocated',
    ]);
    expect(await messageOf(create('low', { type: 'NodePort', ports: [{ port: 80, nodePort: 20 }] }))).toEqual([
      422, 'Service "low" is invalid: spec.ports[0].nodePort: Invalid value: 20: provided port is not in the valid range. The range of valid ports is 30000-32767',
    ]);
  });

  it('give back what they held: when deleted, when refused, when they change their type', async () => {
    const clusterIP = '10.96.7.7';
    const retry = async (name: string, spec: ServiceSpec) => (await create(name, spec)).code;
    expect(await retry('holder', { clusterIP, ports })).toBe(201);
    await server.send('DELETE', `${services}/holder`);
    expect(await retry('failing', { type: 'NodePort', clusterIP, ports: [{ port: 80, nodePort: 20 }] })).toBe(422);
    expect(await retry('next', { type: 'NodePort', clusterIP, ports: [{ port: 80, nodePort: 30_020 }] })).toBe(201);
    expect((await create('next', { clusterIP: '10.96.7.8', ports })).code).toBe(409);
    expect(await retry('heir', { clusterIP: '10.96.7.8', ports })).toBe(201);
    const external = await patch('next', { type: 'ExternalName', externalName: 'example.com' });
    expect([external.code, external.body.spec?.clusterIP, external.body.spec?.clusterIPs, external.body.spec?.ports?.[0]?.nodePort]).toEqual([200, undefined, undefined, undefined]);
    expect(await retry('after', { type: 'NodePort', clusterIP, ports: [{ port: 80, nodePort: 30_020 }] })).toBe(201);
  });

  it('change their type, with what belongs to it', async () => {
    const { body } = await create('changing', { ports });
    const nodePort = await patch('changing', { type: 'NodePort' });
    const given = nodePort.body.spec?.ports?.[0]?.nodePort;
    expect([nodePort.code, nodePort.body.spec?.clusterIP, given]).toEqual([200, body.spec?.clusterIP, expect.any(Number)]);
    const resent = await server.send<Service>('PUT', `${services}/changing`, { body: { metadata: { name: 'changing' }, spec: { type: 'NodePort', ports } } });
    expect([resent.body.spec?.clusterIP, resent.body.spec?.ports?.[0]?.nodePort]).toEqual([body.spec?.clusterIP, given]);
    const balanced = await patch('changing', { type: 'LoadBalancer', externalTrafficPolicy: 'Local' });
    expect([balanced.body.spec?.allocateLoadBalancerNodePorts, balanced.body.spec?.healthCheckNodePort]).toEqual([true, expect.any(Number)]);
    const plain = await patch('changing', { type: 'ClusterIP', externalTrafficPolicy: null });
    expect([plain.code, plain.body.spec?.ports, plain.body.spec?.healthCheckNodePort]).toEqual([200, [{ port: 80, protocol: 'TCP', targetPort: 80 }], undefined]);
  });

  it('keep their address', async () => {
    await create('fixed', { ports });
    expect((await messageOf(patch('fixed', { clusterIP: '10.96.9.9', clusterIPs: ['10.96.9.9'] })))[1]).toContain('spec.clusterIPs[0]: Invalid value: ["10.96.9.9"]: may not change once set');
    expect((await patch('fixed', { clusterIP: null, clusterIPs: null })).code).toBe(200);
  });

  it('claim nothing in a dry run', async () => {
    expect((await create('dry', { clusterIP: '10.96.8.8', ports }, '?dryRun=All')).code).toBe(201);
    expect((await create('wet', { clusterIP: '10.96.8.8', ports })).code).toBe(201);
    expect((await create('dry', { clusterIP: '10.96.8.8', ports }, '?dryRun=All')).code).toBe(422);
    expect((await create('dry', { ports }, '?dryRun=All')).body.spec?.clusterIP).toMatch(/^10\.96\./);
  });

  it.each<[string, ServiceSpec, string[]]>([
    ['no ports', {}, ['spec.ports']],
    ['two ports without names', { ports: [{ port: 1 }, { port: 2 }] }, ['spec.ports[0].name', 'spec.ports[1].name']],
    ['a port twice', { ports: [{ name: 'a', port: 1 }, { name: 'a', port: 1 }] }, ['spec.ports[1].name', 'spec.ports[1]']],
    ['a port out of range', { ports: [{ port: 70_000 }] }, ['spec.ports[0].port', 'spec.ports[0].targetPort']],
    ['a node port they do not have', { ports: [{ port: 80, nodePort: 30_300 }] }, ['spec.ports[0].nodePort']],
    ['a bad selector', { ports, selector: { 'a b': 'c' } }, ['spec.selector']],
    ['an unknown type', { ports, type: 'Sometimes' as 'NodePort' }, ['spec.type']],
    ['an address that is none', { ports, clusterIP: 'ten' }, ['spec.clusterIPs[0]']],
    ['two addresses of one family', { ports, clusterIP: '10.96.1.1', clusterIPs: ['10.96.1.1', '10.96.1.2'] }, ['spec.clusterIPs']],
    ['an external name that is none', { type: 'ExternalName' }, ['spec.externalName']],
    ['affinity for too long', { ports, sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 90_000 } } }, ['spec.sessionAffinityConfig.clientIP.timeoutSeconds']],
    ['an external address on the machine', { ports, externalIPs: ['127.0.0.1'] }, ['spec.externalIPs[0]']],
    ['a class without a balancer', { ports, loadBalancerClass: 'a.b/c' }, ['spec.loadBalancerClass']],
    ['a headless node port', { ports, type: 'NodePort', clusterIP: 'None' }, ['spec.clusterIPs[0]']],
  ])('are refused with %s', async (_what, spec, fields) => {
    const { code, body } = await create('refused', spec);
    expect([code, body.details?.causes?.map(({ field }) => field)]).toEqual([422, fields]);
  });

  it('are selected by type and address', async () => {
    const { body } = await server.send<KubeList<Service>>('GET', `${services}?fieldSelector=spec.clusterIP%3D10.96.0.1,spec.type%3DClusterIP`);
    expect(body.items.map(({ metadata }) => metadata.name)).toEqual(['kubernetes']);
  });

  it('have a status of their own', async () => {
    await create('balanced', { type: 'LoadBalancer', ports });
    const status = { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } };
    const written = await server.send<Service>('PATCH', `${services}/balanced/status`, { body: { status, spec: { type: 'ClusterIP' } }, contentType: merge });
    expect([written.code, written.body.spec?.type, written.body.status?.loadBalancer?.ingress?.[0]?.ip]).toEqual([200, 'LoadBalancer', '192.0.2.1']);
    const changed = await patch('balanced', { type: 'NodePort' });
    expect(changed.body.status).toEqual({ loadBalancer: {} });
  });
});
