import { beforeAll, describe, expect, it } from 'vitest';
import type { KubeList, Pod } from '@podling/shared/api';
import { pods, storeName, useTestServer } from '../testing/test-server.ts';

const names = ({ items }: KubeList<Pod>): string[] => items.map(({ metadata }) => metadata.name);

interface Table {
  kind: string;
  columnDefinitions: { name: string; priority: number }[];
  rows: { cells: unknown[]; object?: { kind: string } }[];
}

describe('list', () => {
  const server = useTestServer();
  const list = (query = '', path = pods) => server.send<KubeList<Pod>>('GET', `${path}${query}`);

  beforeAll(async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await server.createPod(name, { metadata: { name, labels: { name, odd: 'ace'.includes(name) ? 'yes' : 'no' } } });
    await server.bindPod('b', 'node-1');
    await server.bindPod('c', 'node-10');
    await server.send('POST', '/api/v1/namespaces', { body: { metadata: { name: 'default2' } } });
    await server.send('POST', '/api/v1/namespaces/default2/pods', { body: { metadata: { name: 'z' }, spec: { containers: [{ name: 'c', image: 'x' }] } } });
  });

  it('gives a typed list in key order, of one namespace or of all', async () => {
    const { body } = await list();
    expect([body.kind, body.apiVersion]).toEqual(['PodList', 'v1']);
    expect(names(body)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(names((await list('', '/api/v1/pods')).body)).toEqual(['a', 'b', 'c', 'd', 'e', 'z']);
  });

  it.each([
    ['labelSelector=odd%3Dyes', ['a', 'c', 'e']],
    ['labelSelector=name%20in%20(a,b)', ['a', 'b']],
    ['labelSelector=!odd', []],
    ['fieldSelector=spec.nodeName%3Dnode-1', ['b']],
    ['fieldSelector=spec.nodeName%3D', ['a', 'd', 'e']],
    ['fieldSelector=metadata.name!%3Da,status.phase%3DPending&labelSelector=odd%3Dyes', ['c', 'e']],
  ])('selects by %s', async (query, expected) => {
    expect(names((await list(`?${query}`)).body)).toEqual(expected);
  });

  it('pages through all objects of one revision', async () => {
    const first = (await list('?limit=2')).body;
    expect([names(first), first.metadata.remainingItemCount]).toEqual([['a', 'b'], 3]);
    await server.createPod('bb');
    const second = (await list(`?limit=2&continue=${first.metadata.continue}`)).body;
    const third = (await list(`?limit=2&continue=${second.metadata.continue}`)).body;
    expect([...names(second), ...names(third), third.metadata.continue]).toEqual(['c', 'd', 'e', undefined]);
    await server.send('DELETE', `${pods}/bb`);
  });

  it('packs a large answer', async () => {
    const spec = { containers: [{ name: 'c', image: 'x', command: ['x'.repeat(200_000)] }] };
    await server.createPod('large', { spec });
    const response = await fetch(`${server.url}${pods}`, { headers: { 'accept-encoding': 'gzip' } });
    expect(response.headers.get('content-encoding')).toBe('gzip');
    expect(names((await response.json()) as KubeList<Pod>)).toContain('large');
    await server.send('DELETE', `${pods}/large`);
  });

  it('answers in YAML', async () => {
    const { body, headers } = await server.send<string>('GET', `${pods}/a`, { accept: 'application/yaml' });
    expect(headers.get('content-type')).toBe('application/yaml');
    expect(body).toMatch(/^kind: Pod$/m);
  });

  it('answers with the metadata alone', async () => {
    const accept = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';
    const { body } = await server.send<KubeList<Pod>>('GET', pods, { accept });
    expect(body.kind).toBe('PartialObjectMetadataList');
    expect(Object.keys(body.items[0] ?? {}).toSorted()).toEqual(['apiVersion', 'kind', 'metadata']);
  });

  it('answers with a Table, wide columns marked', async () => {
    const { body } = await server.send<Table>('GET', pods, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' });
    expect(body.kind).toBe('Table');
    expect(body.columnDefinitions.filter(({ priority }) => priority === 0).map(({ name }) => name)).toEqual(['Name', 'Ready', 'Status', 'Restarts', 'Age']);
    expect(body.rows[1]?.cells.slice(0, 4)).toEqual(['b', '0/1', 'Pending', '0']);
    expect(body.rows[1]?.object?.kind).toBe('PartialObjectMetadata');
  });
});

describe('health', () => {
  const server = useTestServer();

  it('is ok, and says why when asked', async () => {
    expect((await server.send<string>('GET', '/readyz')).body).toBe('ok');
    const { body } = await server.send<string>('GET', '/readyz?verbose');
    expect(body).toBe(`[+]ping ok\n[+]${storeName} ok\n[+]informer-sync ok\n[+]poststarthook/start-system-namespaces ok\n[+]shutdown ok\nreadyz check passed\n`);
    expect((await server.send('GET', '/livez/nothing')).code).toBe(404);
  });

  it('counts requests under the name Kubernetes gives them', async () => {
    await server.send('GET', pods);
    const { body } = await server.send<string>('GET', '/metrics');
    expect(body).toMatch(/^apiserver_request_total\{verb="LIST",group="",version="v1",resource="pods",subresource="",scope="namespace",component="apiserver",dry_run="",code="200"\} 1$/m);
  });
});
