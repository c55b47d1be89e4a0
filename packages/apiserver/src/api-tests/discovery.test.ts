import { beforeAll, describe, expect, it } from 'vitest';
import { useTestServer } from '../testing/test-server.ts';

const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

interface Entry {
  name: string;
  singularName: string;
  kind: string;
  group?: string;
  version?: string;
  namespaced: boolean;
  verbs: string[];
  shortNames?: string[];
  categories?: string[];
  storageVersionHash?: string;
}

interface Part {
  subresource: string;
  responseKind: { group: string; version: string; kind: string };
  verbs: string[];
}

interface Aggregated {
  kind: string;
  items: { metadata: { name?: string }; versions: { version: string; freshness: string; resources: { resource: string; scope: string; subresources?: Part[] }[] }[] }[];
}

describe('discovery', () => {
  const server = useTestServer();
  const core = new Map<string, Entry>();

  beforeAll(async () => {
    const { body } = await server.send<{ resources: Entry[] }>('GET', '/api/v1');
    for (const entry of body.resources) core.set(entry.name, entry);
  });

  it('names every resource and subresource in the order of their names', () => {
    const names = [...core.keys()];
    expect(names).toEqual(names.toSorted());
    expect(names).toEqual(expect.arrayContaining(['bindings', 'nodes/proxy', 'pods', 'pods/binding', 'pods/log', 'pods/status', 'serviceaccounts/token']));
  });

  it('tells names, scope, verbs and the mark of the stored version', () => {
    expect(core.get('pods')).toEqual({
      name: 'pods', singularName: 'pod', namespaced: true, kind: 'Pod', shortNames: ['po'], categories: ['all'], storageVersionHash: 'xPOwRZ+Yhw8=',
      verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
    });
    expect(core.get('namespaces/finalize')).toEqual({ name: 'namespaces/finalize', singularName: '', namespaced: false, kind: 'Namespace', verbs: ['update'] });
    expect(core.get('serviceaccounts/token')).toMatchObject({ group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' });
    expect(core.get('bindings')?.storageVersionHash).toBeUndefined();
  });

  it('has the same mark for objects that two groups serve', async () => {
    const { body } = await server.send<{ resources: Entry[] }>('GET', '/apis/events.k8s.io/v1');
    expect([body.resources[0]?.storageVersionHash, core.get('events')?.storageVersionHash]).toEqual(['r2yiGXH7wu8=', 'r2yiGXH7wu8=']);
  });

  it('has groups in the order in which Kubernetes prefers them', async () => {
    const { body } = await server.send<{ groups: { name: string; preferredVersion: object }[] }>('GET', '/apis');
    expect(body.groups.map(({ name }) => name)).toEqual([
      'events.k8s.io', 'authentication.k8s.io', 'authorization.k8s.io', 'policy', 'scheduling.k8s.io', 'coordination.k8s.io', 'node.k8s.io', 'discovery.k8s.io',
      'metrics.k8s.io',
    ]);
    const group = await server.send('GET', '/apis/coordination.k8s.io');
    const version = { groupVersion: 'coordination.k8s.io/v1', version: 'v1' };
    expect(group.body).toEqual({ kind: 'APIGroup', apiVersion: 'v1', name: 'coordination.k8s.io', versions: [version], preferredVersion: version });
  });

  it('tells where the server was reached', async () => {
    const { body } = await server.send('GET', '/api');
    expect(body).toEqual({ kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: new URL(server.url).host }] });
  });

  it('comes in one answer for all groups, which can be kept', async () => {
    const { code, headers, body } = await server.send<Aggregated>('GET', '/api', { accept: aggregated });
    expect([code, headers.get('content-type'), headers.get('cache-control'), body.kind]).toEqual([200, aggregated, 'public', 'APIGroupDiscoveryList']);
    const [item] = body.items;
    expect([item?.metadata, item?.versions[0]?.freshness]).toEqual([{}, 'Current']);
    const pods = item?.versions[0]?.resources.find(({ resource }) => resource === 'pods');
    expect(pods?.scope).toBe('Namespaced');
    expect(pods?.subresources?.slice(0, 2)).toEqual([
      { subresource: 'attach', responseKind: { group: '', version: '', kind: 'PodAttachOptions' }, verbs: ['create', 'get'] },
      { subresource: 'binding', responseKind: { group: '', version: '', kind: 'Binding' }, verbs: ['create'] },
    ]);
    const again = await fetch(`${server.url}/api`, { headers: { accept: aggregated, 'if-none-match': headers.get('etag') ?? '' } });
    expect([again.status, await again.text()]).toEqual([304, '']);
  });

  it('comes in the first form that the client knows and we have', async () => {
    const older = aggregated.replace('v=v2', 'v=v2beta1');
    const { headers, body } = await server.send<{ kind: string }>('GET', '/apis', { accept: `${older},application/json` });
    expect([headers.get('content-type'), body.kind]).toEqual(['application/json', 'APIGroupList']);
    expect((await server.send('GET', '/apis', { accept: older })).code).toBe(406);
    expect((await server.send('GET', '/apis', { accept: 'text/html' })).code).toBe(406);
    const yaml = await server.send('GET', '/apis', { accept: aggregated.replace('json', 'yaml') });
    expect([yaml.headers.get('content-type'), yaml.body]).toEqual([aggregated.replace('json', 'yaml'), expect.stringMatching(/^kind: APIGroupDiscoveryList\n/)]);
  });

  it('answers 404 for groups and versions that are not served', async () => {
    for (const path of ['/api/v2', '/apis/apps', '/apis/coordination.k8s.io/v9']) expect((await server.send('GET', path)).code).toBe(404);
  });

  it('lists all paths at the root', async () => {
    const { body: { paths } } = await server.send<{ paths: string[] }>('GET', '/');
    expect(paths).toEqual(paths.toSorted());
    expect(paths).toEqual(expect.arrayContaining(['/api/v1', '/apis/', '/apis/node.k8s.io/v1', '/livez/ping', '/metrics', '/openapi/v2', '/openapi/v3', '/version']));
  });
});
