import { describe, expect, it } from 'vitest';
import type { ConfigMap, ManagedFieldsEntry, Pod, Status } from '@podling/shared/api';
import { podBody, pods, useTestServer } from '../testing/test-server.ts';

const apply = 'application/apply-patch+yaml';
const merge = 'application/merge-patch+json';
const maps = '/api/v1/namespaces/default/configmaps';

describe('server-side apply', () => {
  const server = useTestServer();
  const configMap = (name: string, parts: Partial<ConfigMap> = {}): ConfigMap => ({ apiVersion: 'v1', kind: 'ConfigMap', ...parts, metadata: { name, ...parts.metadata } });
  const applyMap = (name: string, manager: string, parts: Partial<ConfigMap> = {}, options = '') =>
    server.send<ConfigMap & Status>('PATCH', `${maps}/${name}?fieldManager=${manager}${options}`, { body: configMap(name, parts), contentType: apply });
  const applyPod = (name: string, manager: string, parts: Partial<Pod>, options = '') =>
    server.send<Pod & Status>('PATCH', `${pods}/${name}?fieldManager=${manager}${options}`, { body: { apiVersion: 'v1', kind: 'Pod', ...parts, metadata: { name, ...parts.metadata } }, contentType: apply });

  it('makes what is not there and answers 201, then 200', async () => {
    const created = await applyMap('made', 'm', { data: { a: '1' } });
    expect([created.code, created.body.data]).toEqual([201, { a: '1' }]);
    expect(created.body.metadata.managedFields).toMatchObject([{ manager: 'm', operation: 'Apply', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: { 'f:data': { 'f:a': {} } } }]);
    expect((await applyMap('made', 'm', { data: { a: '2' } })).code).toBe(200);
  });

  it('takes YAML', async () => {
    const body = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: yaml\ndata:\n  a: "1"\n';
    const { code, body: made } = await server.send<ConfigMap>('PATCH', `${maps}/yaml?fieldManager=m`, { body, contentType: apply });
    expect([code, made.data]).toEqual([201, { a: '1' }]);
  });

  it('changes nothing when it is made again: neither the version nor a time', async () => {
    const first = await applyPod('again', 'm', { spec: podBody('again').spec });
    const second = await applyPod('again', 'm', { spec: podBody('again').spec });
    expect(second.body).toEqual(first.body);
  });

  it('refuses to change what another manager has set, and names it', async () => {
    await applyMap('fought', 'first', { data: { a: '1', b: '1' } });
    await server.send('PATCH', `${maps}/fought?fieldManager=second`, { body: { data: { c: '1' } }, contentType: merge });
    const one = await applyMap('fought', 'third', { data: { a: '2' } });
    expect([one.code, one.body.reason, one.body.message]).toEqual([409, 'Conflict', 'Apply failed with 1 conflict: conflict with "first": .data.a']);
    const { body: { message, details } } = await applyMap('fought', 'third', { data: { a: '2', b: '1', c: '2' } });
    expect(message).toBe('Apply failed with 2 conflicts: conflicts with "first":\n- .data.a\nconflicts with "second" using v1:\n- .data.c');
    expect(details?.causes).toEqual([
      { reason: 'FieldManagerConflict', message: 'conflict with "first"', field: '.data.a' },
      { reason: 'FieldManagerConflict', message: 'conflict with "second" using v1', field: '.data.c' },
    ]);
  });

  it('shares what two managers set to the same, and takes it away with the last of them', async () => {
    await applyMap('shared', 'first', { data: { a: '1', b: '1' } });
    expect((await applyMap('shared', 'second', { data: { a: '1' } })).code).toBe(200);
    const one = await applyMap('shared', 'first');
    expect(one.body.data).toEqual({ a: '1' });
    const none = await applyMap('shared', 'second');
    expect([none.body.data, none.body.metadata.managedFields]).toEqual([undefined, undefined]);
  });

  it('takes fields over by force', async () => {
    await applyMap('forced', 'first', { data: { a: '1', b: '1' } });
    const { code, body } = await applyMap('forced', 'second', { data: { a: '2' } }, '&force=true');
    expect([code, body.data]).toEqual([200, { a: '2', b: '1' }]);
    expect(body.metadata.managedFields?.map(({ manager, fieldsV1 }) => [manager, fieldsV1])).toEqual([
      ['first', { 'f:data': { 'f:b': {} } }], ['second', { 'f:data': { 'f:a': {} } }],
    ]);
  });

  it('removes list items by their keys and items of sets, and leaves those of others', async () => {
    const env = (...names: string[]) => ({ containers: [{ name: 'main', image: 'a', env: names.map((name) => ({ name, value: '1' })) }] });
    const gates = (...names: string[]) => ({ ...env(), schedulingGates: names.map((name) => ({ name })) });
    await applyPod('items', 'first', { metadata: { name: 'items', finalizers: ['x/a', 'x/b'] }, spec: gates('one', 'two') });
    await applyPod('items', 'second', { metadata: { name: 'items', finalizers: ['x/b', 'x/c'] } });
    const { body } = await applyPod('items', 'first', { spec: gates('two') });
    expect(body.metadata.finalizers).toEqual(['x/b', 'x/c']);
    expect(body.spec.schedulingGates).toEqual([{ name: 'two' }]);
    await server.send('PATCH', `${pods}/items`, { body: { metadata: { finalizers: null } }, contentType: merge });
  });

  it('owns what is applied, not what is defaulted', async () => {
    const ports = [{ containerPort: 80 }, { containerPort: 80, protocol: 'UDP' as const }];
    const { body } = await applyPod('defaulted', 'm', { spec: { containers: [{ name: 'main', image: 'a', ports, resources: { requests: { cpu: '0.5' } } }] } });
    expect(body.spec.containers[0]?.ports?.[0]).toEqual({ containerPort: 80, protocol: 'TCP' });
    expect(JSON.stringify(body.metadata.managedFields?.[0]?.fieldsV1)).toBe(JSON.stringify({
      'f:spec': {
        'f:containers': {
          'k:{"name":"main"}': {
            '.': {}, 'f:image': {}, 'f:name': {},
            'f:ports': {
              'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} },
              'k:{"containerPort":80,"protocol":"UDP"}': { '.': {}, 'f:containerPort': {}, 'f:protocol': {} },
            },
            'f:resources': { 'f:requests': { 'f:cpu': {} } },
          },
        },
      },
    }));
  });

  it('writes nothing in a dry run', async () => {
    const { code, body } = await applyMap('dry', 'm', { data: { a: '1' } }, '&dryRun=All');
    expect([code, body.data]).toEqual([201, { a: '1' }]);
    expect((await server.send('GET', `${maps}/dry`)).code).toBe(404);
    await applyMap('dry', 'm', { data: { a: '1' } });
    expect((await applyMap('dry', 'm', { data: { a: '2' } }, '&dryRun=All')).body.data).toEqual({ a: '2' });
    expect((await server.send<ConfigMap>('GET', `${maps}/dry`)).body.data).toEqual({ a: '1' });
  });

  it('keeps a status apart: its fields are owned through /status alone', async () => {
    await applyPod('parts', 'm', { spec: podBody('parts').spec });
    const status = { phase: 'Running' as const, conditions: [{ type: 'Ready', status: 'True' as const }] };
    const part = await server.send<Pod>('PATCH', `${pods}/parts/status?fieldManager=k`, { body: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'parts' }, spec: { nodeName: 'n' }, status }, contentType: apply });
    expect([part.code, part.body.status?.phase, part.body.spec.nodeName]).toEqual([200, 'Running', undefined]);
    const entries = part.body.metadata.managedFields ?? [];
    const fields = { 'f:status': { 'f:conditions': { 'k:{"type":"Ready"}': { '.': {}, 'f:status': {}, 'f:type': {} } }, 'f:phase': {} } };
    expect(entries.find(({ manager }) => manager === 'k')).toMatchObject({ operation: 'Apply', subresource: 'status', fieldsV1: fields });
    const main = await server.send<Pod>('PATCH', `${pods}/parts?fieldManager=k`, { body: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'parts' }, status: { phase: 'Failed' } }, contentType: apply });
    expect([main.code, main.body.status?.phase, main.body.metadata.managedFields?.length]).toEqual([200, 'Running', entries.length]);
    const other = await server.send<Status>('PATCH', `${pods}/parts/status?fieldManager=other`, { body: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'parts' }, status: { phase: 'Failed' } }, contentType: apply });
    expect(other.body.message).toBe('Apply failed with 1 conflict: conflict with "k" with subresource "status": .status.phase');
  });

  it('does not make an object through its status', async () => {
    const body = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'nobody' }, status: { phase: 'Running' } };
    expect((await server.send('PATCH', `${pods}/nobody/status?fieldManager=m`, { body, contentType: apply })).code).toBe(404);
  });

  it('loses no field when many apply at once', async () => {
    const managers = Array.from({ length: 8 }, (_, index) => `m${index}`);
    const answers = await Promise.all(managers.map((manager) => applyMap('crowd', manager, { data: { [manager]: '1' } })));
    expect(answers.map(({ code }) => code).toSorted((a, b) => a - b)).toEqual([...managers.slice(1).map(() => 200), 201]);
    const { body } = await server.send<ConfigMap>('GET', `${maps}/crowd`);
    expect(Object.keys(body.data ?? {}).toSorted()).toEqual(managers);
    expect(body.metadata.managedFields?.map(({ manager }) => manager).toSorted()).toEqual(managers);
  });

  it('lets kubectl take over what its own client-side apply has set, and keeps that in step', async () => {
    const annotation = 'kubectl.kubernetes.io/last-applied-configuration';
    const applied = { ...configMap('migrated', { data: { a: '1', b: '1' } }) };
    const annotations = { [annotation]: `${JSON.stringify(applied)}\n` };
    await server.send('POST', `${maps}?fieldManager=kubectl-client-side-apply`, { body: { ...applied, metadata: { name: 'migrated', annotations } } });
    expect((await applyMap('migrated', 'somebody', { data: { a: '2' } })).code).toBe(409);
    const { code, body } = await applyMap('migrated', 'kubectl', { data: { a: '2' } });
    expect([code, body.data?.['a']]).toEqual([200, '2']);
    expect(JSON.parse(body.metadata.annotations?.[annotation] ?? '')).toEqual({ ...applied, data: { a: '2' }, metadata: { name: 'migrated' } });
  });

  it('counts an object without managed fields as somebody\'s', async () => {
    await applyMap('reset', 'm', { data: { a: '1' } });
    await server.send('PATCH', `${maps}/reset`, { body: [{ op: 'replace', path: '/metadata/managedFields', value: [{}] }], contentType: 'application/json-patch+json' });
    const { body } = await applyMap('reset', 'm', { data: { a: '2' } });
    expect(body.message).toBe('Apply failed with 1 conflict: conflict with "before-first-apply" using v1: .data.a');
    const forced = await applyMap('reset', 'm', { data: { a: '1', b: '1' } });
    expect(forced.body.metadata.managedFields?.map(({ manager }: ManagedFieldsEntry) => manager)).toEqual(['m', 'before-first-apply']);
  });
});

describe('an apply that is refused', () => {
  const server = useTestServer();
  const valid = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'e' } };
  const send = (body: unknown, options = 'fieldManager=m') => server.send<Status>('PATCH', `${maps}/e?${options}`, { body, contentType: apply });

  it.each<[string, unknown, string, number, string]>([
    ['without a manager', valid, '', 422, 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch'],
    ['with a manager too long', valid, `fieldManager=${'x'.repeat(129)}`, 422, 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Too long: may not be more than 128 bytes'],
    ['of nothing', '', 'fieldManager=m', 400, 'invalid object type: /, Kind='],
    ['of a list', [], 'fieldManager=m', 400, 'error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type map[string]interface {}'],
    ['of another kind', { ...valid, kind: 'Secret' }, 'fieldManager=m', 400, 'invalid object type: /v1, Kind=Secret'],
    ['of another group', { ...valid, apiVersion: 'apps/v1' }, 'fieldManager=m', 400, 'invalid object type: apps/v1, Kind=ConfigMap'],
    ['with managed fields', { ...valid, metadata: { name: 'e', managedFields: [] } }, 'fieldManager=m', 400, 'metadata.managedFields must be nil'],
    ['without a name', { ...valid, metadata: {} }, 'fieldManager=m', 400, 'the name of the object (e based on URL) was undeterminable: name must be provided'],
    ['with another name', { ...valid, metadata: { name: 'f' } }, 'fieldManager=m', 400, 'the name of the object (f) does not match the name on the URL (e)'],
    ['with another namespace', { ...valid, metadata: { name: 'e', namespace: 'o' } }, 'fieldManager=m', 400, 'the namespace of the provided object does not match the namespace sent on the request'],
    ['with the uid of another', { ...valid, metadata: { name: 'e', uid: '5' } }, 'fieldManager=m', 422, 'ConfigMap "e" is invalid: metadata.uid: Invalid value: "5": field is immutable'],
    ['with a field that is not declared', { ...valid, foo: 1 }, 'fieldManager=m', 400, 'failed to create typed patch object (/e; /v1, Kind=ConfigMap): .foo: field not declared in schema'],
    ['with two faults', { ...valid, foo: 1, data: { a: 1 } }, 'fieldManager=m', 400,
      'failed to create typed patch object (/e; /v1, Kind=ConfigMap): errors:\n  .data.a: expected string, got 1\n  .foo: field not declared in schema'],
  ])('%s', async (_what, body, options, code, message) => {
    const answer = await send(body, options);
    expect([answer.code, answer.body.message]).toEqual([code, message]);
  });

  it('when it comes with an old resourceVersion', async () => {
    expect((await send({ ...valid, data: { a: '1' } })).code).toBe(201);
    const { code, body } = await send({ ...valid, metadata: { name: 'e', resourceVersion: '1' }, data: { a: '2' } });
    expect([code, body.message]).toEqual([409, 'Operation cannot be fulfilled on configmaps "e": the object has been modified; please apply your changes to the latest version and try again']);
  });

  it('when a key comes twice and the client is strict', async () => {
    const { code, body } = await send('apiVersion: v1\nkind: ConfigMap\nmetadata: {name: e}\ndata: {a: "1"}\ndata: {b: "1"}\n', 'fieldManager=m&fieldValidation=Strict');
    expect([code, body.message]).toEqual([400, 'error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  line 5: key "data" already set in map']);
  });

  it('as CBOR with 415, and forced without an apply with 422', async () => {
    const cbor = await server.send<Status>('PATCH', `${maps}/e?fieldManager=m`, { body: valid, contentType: 'application/apply-patch+cbor' });
    expect([cbor.code, cbor.body.message]).toEqual([415, '415: Unsupported Media Type']);
    const forced = await server.send<Status>('PATCH', `${maps}/e?force=true`, { body: {}, contentType: merge });
    expect([forced.code, forced.body.message]).toEqual([422, 'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch']);
  });

  it('leaves no trace in a namespace that is not there', async () => {
    const { code, body } = await server.send<Status>('PATCH', '/api/v1/namespaces/nowhere/configmaps/e?fieldManager=m', { body: valid, contentType: apply });
    expect([code, body.message]).toEqual([404, 'namespaces "nowhere" not found']);
  });
});
