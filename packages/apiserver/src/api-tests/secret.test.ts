import { describe, expect, it } from 'vitest';
import type { KubeList, Secret, Status } from '@podling/shared/api';
import { useTestServer } from '../testing/test-server.ts';

const secrets = '/api/v1/namespaces/default/secrets';
const merge = 'application/merge-patch+json';
const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('secrets', () => {
  const server = useTestServer();
  const create = (name: string, parts: Partial<Secret>) => server.send<Secret & Status>('POST', secrets, { body: { metadata: { name }, ...parts } });

  it('are Opaque unless they say otherwise, and take texts as data', async () => {
    const { code, body } = await create('texts', { data: { a: base64('old'), b: base64('kept') }, stringData: { a: 'new' } });
    expect([code, body.type, body.data, body.stringData]).toEqual([201, 'Opaque', { a: base64('new'), b: base64('kept') }, undefined]);
    const patched = await server.send<Secret>('PATCH', `${secrets}/texts`, { body: { stringData: { c: 'more' } }, contentType: merge });
    expect(patched.body.data).toEqual({ a: base64('new'), b: base64('kept'), c: base64('more') });
  });

  it.each<[string, Partial<Secret>, string[]]>([
    ['a token without an account', { type: 'kubernetes.io/service-account-token' }, ['metadata.annotations[kubernetes.io/service-account.name]']],
    ['an empty docker config', { type: 'kubernetes.io/dockerconfigjson' }, ['data[.dockerconfigjson]']],
    ['a docker config that is no JSON', { type: 'kubernetes.io/dockercfg', data: { '.dockercfg': base64('{') } }, ['data[.dockercfg]']],
    ['basic auth without anybody', { type: 'kubernetes.io/basic-auth' }, ['data[username]', 'data[password]']],
    ['an empty key', { type: 'kubernetes.io/ssh-auth', data: { 'ssh-privatekey': '' } }, ['data[ssh-privatekey]']],
    ['TLS without a key', { type: 'kubernetes.io/tls', data: { 'tls.crt': '' } }, ['data[tls.key]']],
    ['a key with a slash', { data: { 'a/b': '' } }, ['data[a/b]']],
    ['more than 1 MiB', { data: { a: base64('x'.repeat(1024 * 1024 + 1)) } }, ['data']],
  ])('refuse %s', async (_what, parts, fields) => {
    const { code, body } = await create('refused', parts);
    expect([code, body.details?.causes?.map(({ field }) => field)]).toEqual([422, fields]);
  });

  it.each<[string, Partial<Secret>]>([
    ['half of basic auth', { type: 'kubernetes.io/basic-auth', stringData: { username: '' } }],
    ['a docker config', { type: 'kubernetes.io/dockerconfigjson', stringData: { '.dockerconfigjson': '{"auths":{}}' } }],
    ['a type of their own', { type: 'example.com/own' }],
  ])('may hold %s', async (what, parts) => {
    expect((await create(what.replaceAll(' ', '-'), parts)).code).toBe(201);
  });

  it('keep their type, and all once immutable', async () => {
    await create('fixed', { type: 'example.com/own', stringData: { a: '1' }, immutable: true });
    const type = await server.send<Status>('PATCH', `${secrets}/fixed`, { body: { type: 'other' }, contentType: merge });
    expect([type.code, type.body.details?.causes?.[0]]).toMatchObject([422, { field: 'type', message: expect.stringContaining('field is immutable') as string }]);
    const data = await server.send<Status>('PATCH', `${secrets}/fixed`, { body: { stringData: { a: '2' } }, contentType: merge });
    expect([data.code, data.body.details?.causes]).toMatchObject([422, [{ field: 'data', reason: 'FieldValueForbidden' }]]);
  });

  it('are selected by type', async () => {
    await create('typed', { type: 'example.com/typed' });
    const { body } = await server.send<KubeList<Secret>>('GET', `${secrets}?fieldSelector=type%3Dexample.com/typed`);
    expect(body.items.map(({ metadata }) => metadata.name)).toEqual(['typed']);
  });
});
