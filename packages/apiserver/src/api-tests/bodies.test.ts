import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Pod, Status } from '@podling/shared/api';
import { envelope, field } from '../endpoints/protobuf/testing/wire-writer.ts';
import { podBody, pods, useTestServer } from '../testing/test-server.ts';

const yaml = 'application/yaml';
const protobuf = 'application/vnd.kubernetes.protobuf';

function post(url: string, body: string | Buffer, headers: Record<string, string>): Promise<Response> {
  return fetch(url, { method: 'POST', headers, body: new Uint8Array(Buffer.from(body)) });
}

describe('request bodies', () => {
  const server = useTestServer();

  it('come in protobuf, as client-go sends them', async () => {
    const container = field(2, [field(1, 'main'), field(2, 'x'), field(8, field(2, [field(1, 'cpu'), field(2, field(1, '500m'))]))]);
    const meta = field(1, [field(1, 'proto'), field(2, ''), field(3, ''), field(7, 0), field(8, []), field(11, [field(1, 'app'), field(2, 'web')])]);
    const body = envelope('v1', 'Pod', meta, field(2, [container, field(3, ''), field(10, ''), field(11, 0)]), field(3, []));
    const answer = await post(server.url + pods, body, { 'content-type': protobuf, accept: `${protobuf},application/json` });
    const pod = await answer.json() as Pod;
    expect([answer.status, pod.metadata.labels, pod.spec.containers[0]?.resources]).toEqual([201, { app: 'web' }, { requests: { cpu: '500m' } }]);
    expect([pod.spec.nodeName, pod.spec.restartPolicy]).toEqual([undefined, 'Always']);
  });

  it('come in protobuf as the options of a delete too', async () => {
    await server.createPod('optional');
    const options = envelope('v1', 'DeleteOptions', field(2, field(1, 'another-uid')));
    const answer = await fetch(`${server.url}${pods}/optional`, { method: 'DELETE', headers: { 'content-type': protobuf }, body: options });
    expect(answer.status).toBe(409);
  });

  it.each([
    ['no prefix', Buffer.from('abc'), 'the object provided is unrecognized (must be of type Pod): provided data does not appear to be a protobuf message, expected prefix [107 56 115 0] (616263)'],
    ['another kind', envelope('v1', 'Node'), 'Node in version "v1" cannot be handled as a Pod: converting (v1.Node) to (core.Pod): unknown conversion'],
    ['an unknown kind', envelope('v1', 'Widget'), expect.stringContaining('no kind "Widget" is registered for version "v1"') as string],
  ])('in protobuf are refused for %s', async (_what, body, message) => {
    const answer = await post(server.url + pods, body, { 'content-type': protobuf });
    expect([answer.status, (await answer.json() as Status).message]).toEqual([400, message]);
  });

  it('come in YAML as Go reads it', async () => {
    const text = 'metadata: {name: octal}\nspec:\n  hostNetwork: no\n  containers: [{name: main, image: x}]\n  volumes: [{name: v, configMap: {name: c, defaultMode: 0644}}]\n';
    const { code, body } = await server.send<Pod>('POST', pods, { body: text, contentType: yaml });
    expect([code, body.spec.volumes?.[0]?.configMap?.defaultMode, body.spec.hostNetwork ?? false]).toEqual([201, 0o644, false]);
  });

  it('come compressed, and in JSON under the name of YAML', async () => {
    const packed = await post(server.url + pods, gzipSync(JSON.stringify(podBody('packed'))), { 'content-type': 'application/json', 'content-encoding': 'gzip' });
    expect(packed.status).toBe(201);
    const broken = await post(server.url + pods, Buffer.from('not gzip'), { 'content-type': 'application/json', 'content-encoding': 'gzip' });
    expect(broken.status).toBe(400);
    const strange = await post(server.url + pods, Buffer.from('{}'), { 'content-type': 'application/json', 'content-encoding': 'snappy' });
    expect(strange.status).toBe(415);
    expect((await server.send('POST', pods, { body: JSON.stringify(podBody('named-yaml')), contentType: yaml })).code).toBe(201);
  });

  it('of null count as empty', async () => {
    const { code, body } = await server.send<Status>('POST', pods, { body: 'null' });
    expect([code, body.details?.causes?.map(({ field: path }) => path)]).toEqual([422, expect.arrayContaining(['metadata.name', 'spec.containers'])]);
  });

  it('of YAML are refused with 413 where parsing would hold up everybody else', async () => {
    expect((await server.send('POST', pods, { body: `a: [${'b,'.repeat(70_000)}]`, contentType: yaml })).code).toBe(413);
  });
});

describe('field validation', () => {
  const server = useTestServer();
  const twice = '{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a","name":"b","labels":{"a":"1","a":"2"}},"spec":{"foo":1,"bar":"\\"{","containers":[{"name":"c","name":"d","image":"x","zap":1}],"restartPolicy":"Never","restartPolicy":"Always"}}';
  const found = [
    'duplicate field "metadata.name"', 'duplicate field "metadata.labels.a"', 'unknown field "spec.foo"', 'unknown field "spec.bar"',
    'duplicate field "spec.containers[0].name"', 'unknown field "spec.containers[0].zap"', 'duplicate field "spec.restartPolicy"',
  ];
  const warnings = (headers: Headers): string[] => [...(headers.get('warning') ?? '').matchAll(/299 - "((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) => text.replaceAll('\\"', '"'));

  it('Strict names unknown and repeated fields in the order of the text', async () => {
    const { code, body } = await server.send<Status>('POST', `${pods}?fieldValidation=Strict`, { body: twice });
    expect([code, body.message]).toEqual([400, `Pod in version "v1" cannot be handled as a Pod: strict decoding error: ${found.join(', ')}`]);
  });

  it('Warn tells of them in headers, and the last of a repeated field counts', async () => {
    const { code, body, headers } = await server.send<Pod>('POST', pods, { body: twice });
    expect([code, body.metadata.name, body.metadata.labels, body.spec.restartPolicy]).toEqual([201, 'b', { a: '2' }, 'Always']);
    expect(warnings(headers)).toEqual(found);
  });

  it('Ignore says nothing', async () => {
    const { code, headers } = await server.send('POST', `${pods}?fieldValidation=Ignore&dryRun=All`, { body: twice.replaceAll('"b"', '"ignored"') });
    expect([code, headers.get('warning')]).toEqual([201, null]);
  });

  const lines = 'kind: Pod\nmetadata: {name: z, name: y1}\nspec:\n  foo: 1\n  containers: [{name: c, image: x}]\n';

  it('names repeated keys of YAML by their line', async () => {
    const strict = await server.send<Status>('POST', `${pods}?fieldValidation=Strict`, { body: lines, contentType: yaml });
    expect([strict.code, strict.body.message]).toEqual([
      400, 'Pod in version "v1" cannot be handled as a Pod: strict decoding error: yaml: unmarshal errors:\n  line 2: key "name" already set in map, unknown field "spec.foo"',
    ]);
    const warned = await server.send('POST', pods, { body: lines, contentType: yaml });
    expect([warned.code, warnings(warned.headers)]).toEqual([201, ['line 2: key "name" already set in map', 'unknown field "spec.foo"']]);
  });

  it('knows four values', async () => {
    const { code, body } = await server.send<Status>('POST', `${pods}?fieldValidation=Perhaps`, { body: podBody('perhaps') });
    expect([code, body.message]).toEqual([
      422, 'CreateOptions.meta.k8s.io "" is invalid: fieldValidation: Unsupported value: "Perhaps": supported values: "", "Ignore", "Strict", "Warn"',
    ]);
  });
});

describe('answers', () => {
  const server = useTestServer();
  const get = (headers: Record<string, string>, query = ''): Promise<Response> => fetch(`${server.url}/api/v1/namespaces/default${query}`, { headers });

  it.each([
    ['application/yaml', 'application/yaml'],
    ['application/json;q=0.5, application/yaml', 'application/yaml'],
    ['application/vnd.kubernetes.protobuf, */*;q=0.1', 'application/json'],
    ['application/yaml;q=0, application/json;q=0.2', 'application/json'],
  ])('for Accept %j are %s', async (accept, type) => {
    expect((await get({ accept })).headers.get('content-type')).toBe(type);
  });

  it('in YAML are so for failures too', async () => {
    const answer = await get({ accept: 'application/yaml' }, '/pods/ghost');
    expect([answer.status, answer.headers.get('content-type')]).toEqual([404, 'application/yaml']);
    expect(await answer.text()).toContain('reason: NotFound');
  });

  it('are indented for people', async () => {
    const indented = async (headers: Record<string, string>, query: string): Promise<boolean> => (await (await get(headers, query)).text()).startsWith('{\n  "');
    expect(await indented({}, '')).toBe(false);
    expect(await indented({}, '?pretty=true')).toBe(true);
    expect(await indented({ 'user-agent': 'curl/8.0' }, '')).toBe(true);
    expect(await indented({ 'user-agent': 'curl/8.0' }, '?pretty=0')).toBe(false);
  });

  it('are compressed unless the client says not to', async () => {
    const annotations = { a: 'x'.repeat(200_000) };
    await server.createPod('large', { metadata: { name: 'large', annotations } });
    const encodingFor = async (accept: string): Promise<string | null> =>
      (await fetch(`${server.url}${pods}/large`, { headers: { 'accept-encoding': accept } })).headers.get('content-encoding');
    expect(await encodingFor('gzip')).toBe('gzip');
    expect(await encodingFor('gzip;q=0')).toBeNull();
    expect(await encodingFor('gzip;q=0, *')).toBeNull();
    expect(await encodingFor('identity')).toBeNull();
  });
});
