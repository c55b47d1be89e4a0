import { describe, expect, it } from 'vitest';
import type { ConfigMap, KubeObject, Lease, ManagedFieldsEntry, Node, Pod, Status } from '@podling/shared/api';
import { podBody, pods, useTestServer } from '../testing/test-server.ts';

const merge = 'application/merge-patch+json';
const strategic = 'application/strategic-merge-patch+json';
const json = 'application/json-patch+json';
const maps = '/api/v1/namespaces/default/configmaps';
const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases';

describe('managed fields', () => {
  const server = useTestServer();
  const createMap = async (name: string, data: Record<string, string>, manager = 'maker') =>
    (await server.send<ConfigMap>('POST', `${maps}?fieldManager=${manager}`, { body: { metadata: { name }, data } })).body;
  const entryOf = ({ metadata }: KubeObject, manager: string): ManagedFieldsEntry | undefined => metadata.managedFields?.find((entry) => entry.manager === manager);

  it('say who made an object, with what it was defaulted to', async () => {
    const { body } = await server.send<Pod>('POST', `${pods}?fieldManager=maker`, { body: podBody('made', { metadata: { name: 'made', labels: { a: 'b' } } }) });
    const [entry, ...others] = body.metadata.managedFields ?? [];
    expect(others).toEqual([]);
    expect(entry).toMatchObject({ manager: 'maker', operation: 'Update', apiVersion: 'v1', time: expect.stringMatching(/^\d{4}-.*Z$/), fieldsType: 'FieldsV1' });
    expect(entry?.fieldsV1).toMatchObject({
      'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} } },
      'f:spec': { 'f:containers': { 'k:{"name":"main"}': { '.': {}, 'f:image': {}, 'f:imagePullPolicy': {}, 'f:name': {} } }, 'f:restartPolicy': {} },
    });
    expect(Object.keys(entry?.fieldsV1 ?? {})).toEqual(['f:metadata', 'f:spec']);
    expect(JSON.stringify(entry?.fieldsV1)).not.toContain('f:tolerations');
  });

  it('name the program where a request names no manager', async () => {
    const response = await fetch(`${server.url}${maps}`, { method: 'POST', headers: { 'content-type': 'application/json', 'user-agent': 'tool\u00a0x/1.0 (y)' }, body: JSON.stringify({ metadata: { name: 'agent' }, data: { a: '1' } }) });
    expect(((await response.json()) as ConfigMap).metadata.managedFields?.map(({ manager }) => manager)).toEqual(['toolx']);
  });

  it('refuse a manager that cannot be printed', async () => {
    const { code, body } = await server.send<Status>('POST', `${maps}?fieldManager=a%01b`, { body: { metadata: { name: 'unprintable' } } });
    expect([code, body.details?.kind, body.details?.causes?.[0]?.field]).toEqual([422, 'CreateOptions', 'fieldManager']);
  });

  it.each<[string, string, unknown, string]>([
    ['a merge patch', 'PATCH', { data: { a: '2', b: null, c: '1' } }, merge],
    ['a strategic merge patch', 'PATCH', { data: { a: '2', b: null, c: '1' } }, strategic],
    ['a JSON patch', 'PATCH', [{ op: 'replace', path: '/data', value: { a: '2', c: '1' } }], json],
    ['a PUT', 'PUT', { metadata: { name: 'x' }, data: { a: '2', c: '1' } }, 'application/json'],
  ])('change hands with %s: what it changes is its own', async (what, method, sent, contentType) => {
    const name = what.toLowerCase().replaceAll(' ', '-');
    await createMap(name, { a: '1', b: '1', d: '1' });
    const body = method === 'PUT' ? { metadata: { name }, data: { a: '2', c: '1', d: '1' } } : contentType === json ? [{ op: 'replace', path: '/data', value: { a: '2', c: '1', d: '1' } }] : sent;
    const { body: changed } = await server.send<ConfigMap>(method, `${maps}/${name}?fieldManager=changer`, { body, contentType });
    expect(changed.data).toEqual({ a: '2', c: '1', d: '1' });
    expect(entryOf(changed, 'maker')?.fieldsV1).toEqual({ 'f:data': { '.': {}, 'f:d': {} } });
    expect(entryOf(changed, 'changer')?.fieldsV1).toEqual({ 'f:data': { 'f:a': {}, 'f:c': {} } });
  });

  it('stay as they are when nothing changes, and so does the object', async () => {
    const before = await createMap('still', { a: '1' });
    const { body } = await server.send<ConfigMap>('PATCH', `${maps}/still?fieldManager=other`, { body: { data: { a: '1' } }, contentType: merge });
    expect(body).toEqual(before);
  });

  it('of a status belong to the status alone', async () => {
    await server.createPod('status');
    const { body } = await server.send<Pod>('PATCH', `${pods}/status/status?fieldManager=kubelet`, { body: { spec: { nodeName: 'n' }, status: { phase: 'Running' } }, contentType: strategic });
    expect(entryOf(body, 'kubelet')).toMatchObject({ subresource: 'status', operation: 'Update', fieldsV1: { 'f:status': { 'f:phase': {} } } });
    expect(Object.keys(entryOf(body, 'kubelet')?.fieldsV1 ?? {})).toEqual(['f:status']);
    const main = await server.send<Pod>('PATCH', `${pods}/status?fieldManager=user`, { body: { metadata: { labels: { a: 'b' } }, status: { phase: 'Failed' } }, contentType: merge });
    expect(entryOf(main.body, 'user')?.fieldsV1).toEqual({ 'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} } } });
    expect(entryOf(main.body, 'kubelet')).toEqual(entryOf(body, 'kubelet'));
  });

  it('are not taken away through a status', async () => {
    await server.createPod('kept');
    const { body } = await server.send<Pod>('PATCH', `${pods}/kept/status`, { body: { metadata: { managedFields: [] }, status: { message: 'hi' } }, contentType: merge });
    expect(body.metadata.managedFields).toHaveLength(2);
  });

  it('are of the version of the request, and of every kind', async () => {
    const { body } = await server.send<Lease>('POST', leases, { body: { metadata: { name: 'l' }, spec: { holderIdentity: 'a' } } });
    expect(body.metadata.managedFields).toMatchObject([{ apiVersion: 'coordination.k8s.io/v1', fieldsV1: { 'f:spec': { 'f:holderIdentity': {} } } }]);
    const node = await server.send<Node>('POST', '/api/v1/nodes?fieldManager=kubelet', { body: { metadata: { name: 'n' }, spec: { podCIDR: '10.1.0.0/24' }, status: { capacity: { cpu: '2' } } } });
    expect(Object.keys(node.body.metadata.managedFields?.[0]?.fieldsV1 ?? {})).toContain('f:spec');
  });

  it('of an event in two versions follow the field, whatever its name', async () => {
    const body = {
      metadata: { name: 'two', namespace: 'default' }, regarding: { kind: 'Pod', namespace: 'default', name: 'p' }, note: 'a', reason: 'R', type: 'Normal', action: 'A',
      eventTime: '2026-01-01T00:00:00.000000Z', reportingController: 'x.y/z', reportingInstance: 'i',
    };
    const made = await server.send('POST', '/apis/events.k8s.io/v1/namespaces/default/events?fieldManager=new', { body });
    expect(Object.keys(entryOf(made.body, 'new')?.fieldsV1 ?? {})).toEqual(expect.arrayContaining(['f:note', 'f:regarding']));
    const { body: changed } = await server.send<KubeObject>('PATCH', '/api/v1/namespaces/default/events/two?fieldManager=old', { body: { message: 'b' }, contentType: merge });
    expect(entryOf(changed, 'old')).toMatchObject({ apiVersion: 'v1', fieldsV1: { 'f:message': {} } });
    const left = entryOf(changed, 'new');
    expect([left?.apiVersion, Object.keys(left?.fieldsV1 ?? {})]).toEqual(['events.k8s.io/v1', expect.arrayContaining(['f:reason', 'f:regarding'])]);
    expect(left?.fieldsV1).not.toHaveProperty('f:note');
  });

  it('can be reset by their user, and are then not kept until an apply', async () => {
    for (const [name, value] of [['reset-empty', []], ['reset-one', [{}]]] as const) {
      await createMap(name, { a: '1' });
      const { body } = await server.send<ConfigMap>('PATCH', `${maps}/${name}`, { body: { metadata: { managedFields: value } }, contentType: merge });
      expect(body.metadata.managedFields).toBeUndefined();
      const later = await server.send<ConfigMap>('PATCH', `${maps}/${name}`, { body: { data: { b: '1' } }, contentType: merge });
      expect([later.body.data, later.body.metadata.managedFields]).toEqual([{ a: '1', b: '1' }, undefined]);
    }
  });

  it('cannot be corrupted: what makes no sense is as if not sent', async () => {
    const { metadata: { managedFields } } = await createMap('safe', { a: '1' });
    const [entry] = managedFields ?? [];
    for (const broken of [{ ...entry, operation: 'Create' }, { ...entry, apiVersion: '' }, { ...entry, fieldsType: 'V2' }, { ...entry, fieldsV1: { 'k:{': {} } }, { ...entry, fieldsV1: { 'f:a': 1 } }]) {
      const { code, body } = await server.send<ConfigMap>('PATCH', `${maps}/safe`, { body: { metadata: { managedFields: [broken] } }, contentType: merge });
      expect([code, body.metadata.managedFields]).toEqual([200, managedFields]);
    }
  });

  it('can be handed in by who knows them, and come out in canonical form', async () => {
    const { metadata } = await createMap('handed', { a: '1' });
    const mine = { manager: 'x', operation: 'Apply', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: { 'f:data': { 'f:b': {}, 'z:future': {}, 'f:a': {} } } };
    const operations = [{ op: 'replace', path: '/metadata/managedFields', value: [mine] }, { op: 'replace', path: '/metadata/resourceVersion', value: metadata.resourceVersion }];
    const { code, body } = await server.send<ConfigMap>('PATCH', `${maps}/handed`, { body: operations, contentType: json });
    expect(code).toBe(200);
    expect(JSON.stringify(body.metadata.managedFields)).toBe(JSON.stringify([{ ...mine, fieldsV1: { 'f:data': { 'f:a': {}, 'f:b': {} } } }]));
    expect((await server.send('PATCH', `${maps}/handed`, { body: operations, contentType: json })).code).toBe(409);
  });

  it('are of ten updaters at most: the oldest become one', async () => {
    await createMap('crowd', { a: '1' }, 'm00');
    for (let index = 1; index <= 11; index += 1) {
      const manager = `m${String(index).padStart(2, '0')}`;
      await server.send('PATCH', `${maps}/crowd?fieldManager=${manager}`, { body: { data: { [manager]: '1' } }, contentType: merge });
    }
    const { body } = await server.send<ConfigMap>('GET', `${maps}/crowd`);
    expect(body.metadata.managedFields).toHaveLength(10);
    expect(entryOf(body, 'ancient-changes')?.fieldsV1).toEqual({ 'f:data': { '.': {}, 'f:a': {}, 'f:m01': {}, 'f:m02': {} } });
  });

  it('come with lists too', async () => {
    await createMap('listed', { a: '1' });
    const { body } = await server.send<{ items: ConfigMap[] }>('GET', `${maps}?fieldSelector=metadata.name=listed`);
    expect(body.items[0]?.metadata.managedFields).toHaveLength(1);
  });
});
