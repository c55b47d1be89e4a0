import { connect } from 'node:net';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { Status } from '@podling/shared/api';
import { podBody, pods, useTestServer } from '../testing/test-server.ts';

describe('bad input', () => {
  const server = useTestServer();

  it.each(['/api/v2', '/api/v1/widgets', '/api/v1/namespaces/default/widgets', '/apis/apps/v1/deployments', `${pods}/a/b/c`])(
    'answers 404 with a Status for the unknown path %s', async (path) => {
      const { code, body } = await server.send('GET', path);
      expect(code).toBe(404);
      expect(body).toMatchObject({ kind: 'Status', status: 'Failure', reason: 'NotFound', code: 404 });
    });

  it.each(['/nope', '/apis/foo', '/livez2'])('answers 404 with a text for the page %s', async (path) => {
    const { code, headers, body } = await server.send<string>('GET', path);
    expect([code, headers.get('content-type'), body]).toEqual([404, 'text/plain; charset=utf-8', '404 page not found\n']);
  });

  it('answers 400 for a Table with objects of an unknown kind of detail', async () => {
    const { code, body } = await server.send<Status>('GET', `${pods}?includeObject=All`, { accept: 'application/json;as=Table;g=meta.k8s.io;v=v1' });
    expect([code, body.message]).toEqual([400, `Unable to convert to Table as requested: includeObject: Invalid value: "All": must be 'Metadata', 'Object', 'None', or empty`]);
  });

  it('answers 404 for an object that is not there', async () => {
    const { code, body } = await server.send('GET', `${pods}/ghost`);
    expect(code).toBe(404);
    expect(body).toMatchObject({ message: 'pods "ghost" not found', details: { name: 'ghost', kind: 'pods' } });
  });

  it('answers 405 for a verb that a path does not have', async () => {
    expect((await server.send('PUT', pods, { body: {} })).code).toBe(405);
    expect((await server.send('POST', `${pods}/a`, { body: {} })).code).toBe(405);
  });

  it.each([
    ['JSON that ends too early', '{"kind":"Pod"', 'application/json'],
    ['a JSON list', '[]', 'application/json'],
    ['JSON with something behind it', '{} x', 'application/json'],
    ['a byte order mark', '\uFEFF{}', 'application/json'],
    ['a number that is none', '{"spec":{"priority":NaN}}', 'application/json'],
    ['a number beyond all numbers', '{"spec":{"priority":1e999}}', 'application/json'],
    ['an integer that cannot be kept exactly', '{"spec":{"terminationGracePeriodSeconds":9007199254740993}}', 'application/json'],
    ['a string as a body', '"Pod"', 'application/json'],
    ['bytes that are no protobuf', 'k8s', 'application/vnd.kubernetes.protobuf'],
    ['YAML that is none', 'a: [b\nc: d', 'application/yaml'],
    ['an empty body', '', 'application/json'],
    ['another kind', JSON.stringify({ ...podBody('a'), kind: 'Node' }), 'application/json'],
    ['another version', JSON.stringify({ ...podBody('a'), apiVersion: 'v2' }), 'application/json'],
    ['a wrong type', JSON.stringify({ ...podBody('a'), spec: { containers: 'none' } }), 'application/json'],
    ['JSON nested too deep', `{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a"},"spec":${'['.repeat(200_000)}${']'.repeat(200_000)}}`, 'application/json'],
    ['YAML nested too deep', `a: ${'['.repeat(50_000)}`, 'application/yaml'],
  ])('answers 400 for %s', async (_what, body, contentType) => {
    const answer = await server.send<Status>('POST', pods, { body, contentType });
    expect(answer.code).toBe(400);
    expect(answer.body).toMatchObject({ kind: 'Status', reason: 'BadRequest' });
  });

  it('refuses YAML whose aliases multiply', async () => {
    const levels = Array.from({ length: 12 }, (_, level) => `l${level + 1}: &l${level + 1} [${Array.from({ length: 10 }, () => `*l${level}`).join(', ')}]`);
    const bomb = ['l0: &l0 [x]', ...levels].join('\n');
    expect((await server.send('POST', pods, { body: bomb, contentType: 'application/yaml' })).code).toBe(400);
  });

  it('answers 422 with every cause and its field path at once', async () => {
    const pod = podBody('Bad_name', {
      spec: {
        containers: [
          { name: 'c', image: 'x', ports: [{ containerPort: -1 }], resources: { limits: { memory: '-1' } }, volumeMounts: [{ name: 'nope', mountPath: '/x' }] },
          { name: 'c', image: '' },
        ],
      },
    });
    const { code, body } = await server.send<Status>('POST', pods, { body: pod });
    expect(code).toBe(422);
    expect(body.reason).toBe('Invalid');
    expect(body.message).toMatch(/^Pod "Bad_name" is invalid: \[/);
    expect(new Set(body.details?.causes?.map(({ field, reason }) => `${field} ${reason}`))).toEqual(new Set([
      'metadata.name FieldValueInvalid',
      'spec.containers[0].ports[0].containerPort FieldValueInvalid',
      'spec.containers[0].resources.limits[memory] FieldValueInvalid',
      'spec.containers[0].resources.requests[memory] FieldValueInvalid',
      'spec.containers[0].volumeMounts[0].name FieldValueNotFound',
      'spec.containers[1].image FieldValueRequired',
      'spec.containers[1].name FieldValueDuplicate',
    ]));
  });

  it('answers 422 once for a missing name', async () => {
    const { code, body } = await server.send<Status>('POST', pods, { body: podBody('') });
    expect(code).toBe(422);
    expect(body.details?.causes).toEqual([{ field: 'metadata.name', reason: 'FieldValueRequired', message: expect.stringContaining('Required value') }]);
  });

  it('answers 413 for a body over 3 MiB, also when it is compressed', async () => {
    const { gzipSync } = await import('node:zlib');
    const big = JSON.stringify(podBody('big', { metadata: { name: 'big', annotations: { a: 'x'.repeat(3 * 1024 * 1024) } } }));
    const plain = await server.send<Status>('POST', pods, { body: big });
    expect(plain.code).toBe(413);
    expect(plain.body).toMatchObject({ kind: 'Status', reason: 'RequestEntityTooLarge' });
    const packed = await fetch(server.url + pods, { method: 'POST', headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' }, body: gzipSync(big) });
    expect(packed.status).toBe(413);
  });

  it('answers 413 for an object that the store refuses for its size', async () => {
    const spec = { containers: [{ name: 'main', image: 'x', command: ['x'.repeat(2 * 1024 * 1024)] }] };
    const { code, body } = await server.send<Status>('POST', pods, { body: podBody('stout', { spec }) });
    expect(code).toBe(413);
    expect(body.reason).toBe('RequestEntityTooLarge');
    expect((await server.send('GET', `${pods}/stout`)).code).toBe(404);
  });

  it('names unknown fields: refused when Strict, warned of by default, passed over when Ignore', async () => {
    const body = (name: string): object => ({ ...podBody(name), spec: { ...podBody(name).spec, foo: 1 } });
    const strict = await server.send<Status>('POST', `${pods}?fieldValidation=Strict`, { body: body('strict') });
    expect(strict.code).toBe(400);
    expect(strict.body.message).toContain('strict decoding error: unknown field "spec.foo"');
    const warned = await server.send('POST', pods, { body: body('warned') });
    expect(warned.code).toBe(201);
    expect(warned.headers.get('warning')).toBe(String.raw`299 - "unknown field \"spec.foo\""`);
    const ignored = await server.send('POST', `${pods}?fieldValidation=Ignore`, { body: body('ignored') });
    expect([ignored.code, ignored.headers.get('warning')]).toEqual([201, null]);
    expect((await server.send('POST', `${pods}?fieldValidation=Perhaps`, { body: body('perhaps') })).code).toBe(422);
  });

  it('answers 415 for a body of another type and 406 for a client that takes nothing that is served', async () => {
    const body = await server.send<Status>('POST', pods, { body: 'k8s', contentType: 'text/plain' });
    expect([body.code, body.body.reason, body.body.message]).toEqual([
      415, 'UnsupportedMediaType',
      'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf',
    ]);
    const only = await server.send('GET', pods, { accept: 'application/vnd.kubernetes.protobuf' });
    expect([only.code, only.body.reason]).toEqual([406, 'NotAcceptable']);
    const either = await server.send('GET', pods, { accept: 'application/vnd.kubernetes.protobuf,application/json' });
    expect([either.code, either.headers.get('content-type')]).toEqual([200, 'application/json']);
  });

  it.each([
    'labelSelector=a%20in', 'labelSelector=a=b=c', 'fieldSelector=spec.colour=red', 'fieldSelector=nothing', 'fieldSelector=constructor=x', 'limit=many', 'continue=nonsense', 'resourceVersion=new',
  ])('answers 4xx for the query %s', async (query) => {
    const { code, body } = await server.send<Status>('GET', `${pods}?${query}`);
    expect(body.kind).toBe('Status');
    expect([400, 422]).toContain(code);
  });

  it.each(['/api/v1/namespaces/default/pods/%ZZ', '/api/v1/namespaces/%2e%2e/pods/x', '/api/v1/namespaces/default/pods/a%2fb', '//api//v1', '/%00'])(
    'answers 4xx for the path %s', async (path) => {
      const { code } = await server.send('GET', path);
      expect([400, 404]).toContain(code);
    });

  it.each(['BLARG / HTTP/1.1\r\n\r\n', 'GET /api/v1/pods HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n', '\0\0\0', 'GET /%ZZ?watch=1 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'])(
    'outlives the raw bytes %j', async (bytes) => {
      const { hostname, port } = new URL(server.url);
      const socket = connect(Number(port), hostname);
      socket.on('error', () => undefined);
      socket.resume().end(bytes);
      await once(socket, 'close');
      expect((await server.send('GET', '/livez')).code).toBe(200);
    });
});
