import { describe, expect, it } from 'vitest';
import type { Pod, Status } from '@podling/shared/api';
import { pods, useTestServer } from '../testing/test-server.ts';

const merge = 'application/merge-patch+json';
const strategic = 'application/strategic-merge-patch+json';
const json = 'application/json-patch+json';

describe('patch', () => {
  const server = useTestServer();
  const patch = async (name: string, body: unknown, contentType: string, query = '') => {
    await server.createPod(name).catch(() => undefined);
    return server.send<Status & Pod>('PATCH', `${pods}/${name}${query}`, { body, contentType });
  };

  it.each([
    [merge, '[]', 'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}'],
    [merge, '"x"', 'error decoding patch: json: cannot unmarshal string into Go value of type map[string]interface {}'],
    [strategic, '[]', 'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}'],
    [merge, 'null', 'Invalid JSON Patch'],
    [merge, '', 'error decoding patch: unexpected end of JSON input'],
    [json, '{}', 'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp'],
  ])('of %s that is %s is refused with 400', async (type, body, message) => {
    const answer = await patch('shape', body, type);
    expect([answer.code, answer.body.message]).toEqual([400, message]);
  });

  it.each([merge, strategic])('of %s names unknown and repeated fields', async (type) => {
    const body = '{"metadata":{"labels":{"a":"1","a":"2"},"foo":1},"spec":{"bar":{"x":1}}}';
    const found = ['duplicate field "metadata.labels.a"', 'unknown field "metadata.foo"', 'unknown field "spec.bar"'];
    const strict = await patch('strict', body, type, '?fieldValidation=Strict');
    expect([strict.code, strict.body.details?.causes?.[0]?.field]).toEqual([422, 'patch']);
    expect(strict.body.message).toMatch(/^ "" is invalid: patch: Invalid value: /);
    expect(strict.body.message?.endsWith(`strict decoding error: ${found.join(', ')}`)).toBe(true);
    const warned = await patch('strict', body, type);
    expect([warned.code, warned.headers.get('warning')?.split(', ').length]).toEqual([200, 3]);
  });

  it('of operations names what is odd about them', async () => {
    const body = '[{"op":"add","op":"add","path":"/metadata/labels","value":{},"x":1}]';
    const { code, body: status } = await patch('odd', body, json, '?fieldValidation=Strict');
    expect(code).toBe(422);
    expect(status.message?.endsWith('strict decoding error: json patch duplicate field "[0].op", json patch unknown field "[0].x"')).toBe(true);
  });

  it.each([
    [{ spec: { containers: 'x' } }, 'spec.containers: expected array, got string'],
    [{ kind: 'Node' }, 'converting (v1.Node) to (core.Pod): unknown conversion'],
  ])('of %j that makes no pod is refused with 422', async (body, why) => {
    const { code, body: status } = await patch('impossible', body, merge);
    expect([code, status.details?.causes?.[0]?.field]).toEqual([422, 'patch']);
    expect(status.message?.endsWith(why)).toBe(true);
  });

  it('may not rename', async () => {
    const { code, body } = await patch('renamed', { metadata: { name: 'x' } }, merge);
    expect([code, body.message]).toEqual([400, 'the name of the object (x) does not match the name on the URL (renamed)']);
  });

  it('with an old resourceVersion is refused with 409', async () => {
    expect((await patch('versioned', { metadata: { resourceVersion: '1' } }, merge)).code).toBe(409);
  });

  it('writes nothing on a dry run', async () => {
    const { code, body } = await patch('dry', { metadata: { labels: { a: 'b' } } }, merge, '?dryRun=All');
    expect([code, body.metadata.labels]).toEqual([200, { a: 'b' }]);
    expect((await server.send<Pod>('GET', `${pods}/dry`)).body.metadata.labels).toBeUndefined();
    expect((await patch('dry', { status: { phase: 'Failed' } }, merge, '/status?dryRun=All')).body.status).toMatchObject({ phase: 'Failed' });
    expect((await server.send<Pod>('GET', `${pods}/dry`)).body.status?.phase).toBe('Pending');
  });

  it('of more than 10,000 operations is refused with 413', async () => {
    const operations = Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/kind', value: 'Pod' }));
    const { code, body } = await patch('busy', operations, json);
    expect([code, body.message]).toEqual([413, 'Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001']);
  });
});
