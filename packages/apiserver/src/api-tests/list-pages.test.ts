import { beforeAll, describe, expect, it } from 'vitest';
import type { KubeList, Pod } from '@podling/shared/api';
import { pods, useTestServer } from '../testing/test-server.ts';

const names = ({ items }: KubeList<Pod>): string[] => items.map(({ metadata }) => metadata.name);
const token = (parts: object): string => Buffer.from(JSON.stringify(parts)).toString('base64url');

describe('pages of a list', () => {
  const server = useTestServer({ watchHistorySize: 16 });
  const list = (query: string) => server.send<KubeList<Pod>>('GET', `${pods}?${query}`);

  beforeAll(async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await server.createPod(name, { metadata: { name, labels: { a: 'b' } } });
  });

  it('tell how much is left, but not when a selector hides it', async () => {
    expect((await list('limit=2')).body.metadata.remainingItemCount).toBe(3);
    const selected = (await list('limit=2&labelSelector=a%3Db')).body.metadata;
    expect([typeof selected.continue, selected.remainingItemCount]).toEqual(['string', undefined]);
    expect((await list('limit=5')).body.metadata).not.toHaveProperty('continue');
  });

  it('are not cut for "any revision", nor for a limit below zero', async () => {
    for (const query of ['limit=2&resourceVersion=0', 'limit=-1', 'limit=0']) {
      const { body } = await list(query);
      expect([names(body).length, body.metadata.continue]).toEqual([5, undefined]);
    }
  });

  it('begin at any key, whole namespaces at once included', async () => {
    const { metadata } = (await list('limit=1')).body;
    const rv = Number(metadata.resourceVersion);
    expect(names((await list(`continue=${token({ v: 'meta.k8s.io/v1', rv, start: '/c\0' })}`)).body)).toEqual(['d', 'e']);
    const all = await server.send<KubeList<Pod>>('GET', `/api/v1/pods?limit=3&continue=${token({ v: 'meta.k8s.io/v1', rv, start: '/default/b' })}`);
    expect(names(all.body)).toEqual(['b', 'c', 'd']);
  });

  it.each([
    ['abc', /^invalid continue token: continue key is not valid: /],
    [token({ v: 'x', rv: 9, start: 'c' }), /server does not recognize this encoded version x$/],
    [token({ v: 'meta.k8s.io/v1', rv: 0, start: 'c' }), /incorrect encoded start resourceVersion \(version meta.k8s.io\/v1\)$/],
    [token({ v: 'meta.k8s.io/v1', rv: 9, start: '../../x' }), /continue key is not valid: \.\.\/\.\.\/x$/],
    [token({ v: 'meta.k8s.io/v1', rv: 9 }), /encoded start key empty$/],
    [Buffer.from('null').toString('base64url'), /continue key is not valid/],
  ])('refuse the token %j', async (text, message) => {
    const { code, body } = await server.send('GET', `${pods}?limit=2&continue=${text}`);
    expect([code, body.reason]).toEqual([400, 'BadRequest']);
    expect(body.message).toMatch(message);
  });

  it('of a revision that is compacted are 410, with a token for the rest as it is now', async () => {
    const first = (await list('limit=2')).body;
    await server.compact();
    await server.createPod('cc');
    const expired = await list(`limit=2&continue=${first.metadata.continue}`);
    expect(expired).toMatchObject({ code: 410, body: { kind: 'Status', reason: 'Expired', message: expect.stringContaining('inconsistent list') } });
    const rest = await list(`limit=9&continue=${expired.body.metadata.continue}`);
    expect([rest.code, names(rest.body)]).toEqual([200, ['c', 'cc', 'd', 'e']]);
    await server.send('DELETE', `${pods}/cc`);
  });
});

describe('lists and gets of a revision', () => {
  const server = useTestServer({ watchHistorySize: 16 });
  const tooLarge = {
    code: 504,
    body: {
      reason: 'Timeout', message: expect.stringMatching(/^Timeout: Too large resource version: 999999999, current: \d+$/),
      details: { retryAfterSeconds: 1, causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }] },
    },
  };

  it.each([
    [`${pods}?resourceVersion=999999999`], [`${pods}?resourceVersion=999999999&resourceVersionMatch=Exact`],
    [`${pods}?resourceVersion=999999999&resourceVersionMatch=NotOlderThan`], [`${pods}/x?resourceVersion=999999999`],
  ])('that is not there yet are a timeout: %s', async (path) => {
    expect(await server.send('GET', path)).toMatchObject(tooLarge);
  });

  it('show the past for Exact, also for a page of a named revision, and 410 when it is gone', async () => {
    const { metadata } = await server.createPod('old');
    const rv = metadata.resourceVersion ?? '';
    await server.createPod('young');
    for (const query of [`resourceVersion=${rv}&resourceVersionMatch=Exact`, `resourceVersion=${rv}&limit=5`]) {
      const { body } = await server.send<KubeList<Pod>>('GET', `${pods}?${query}`);
      expect([names(body), body.metadata.resourceVersion]).toEqual([['old'], rv]);
    }
    expect(names((await server.send<KubeList<Pod>>('GET', `${pods}?resourceVersion=${rv}`)).body)).toEqual(['old', 'young']);
    await server.compact();
    const gone = await server.send('GET', `${pods}?resourceVersion=${rv}&resourceVersionMatch=Exact`);
    expect(gone).toMatchObject({ code: 410, body: { reason: 'Expired', message: 'The resourceVersion for the provided list is too old.' } });
  });

  it('give a written object byte for byte alike to create, get, list and watch', async () => {
    const text = async (path: string, init?: RequestInit): Promise<string> => (await fetch(server.url + path, init)).text();
    const spec = { containers: [{ name: 'c', image: 'größe:✓', command: ['"', '\\', '{"metadata":{'] }] };
    const body = JSON.stringify({ metadata: { name: 'same' }, spec });
    const created = await text(pods, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    expect(await text(`${pods}/same`)).toBe(created);
    expect(await text(`${pods}?fieldSelector=metadata.name%3Dsame`)).toContain(`"items":[${created}]}`);
    expect(await text(`${pods}?watch=1&timeoutSeconds=1&fieldSelector=metadata.name%3Dsame`)).toBe(`{"type":"ADDED","object":${created}}\n`);
    const patched = await text(`${pods}/same`, { method: 'PATCH', headers: { 'content-type': 'application/merge-patch+json' }, body: '{"metadata":{"labels":{"a":"b"}}}' });
    expect(await text(`${pods}/same?resourceVersion=0`)).toMatch(/"resourceVersion":"\d+"/);
    expect(await text(`${pods}/same`)).toBe(patched);
  });
});

describe('options of a list', () => {
  const server = useTestServer();

  it.each([
    ['resourceVersion=1&resourceVersionMatch=Foo', 422, 'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Unsupported value: "Foo": supported values: "Exact", "NotOlderThan", ""'],
    ['sendInitialEvents=true', 422, 'ListOptions.meta.k8s.io "" is invalid: sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list'],
    ['timeoutSeconds=x', 400, 'strconv.ParseInt: parsing "x": invalid syntax'],
  ])('%s are refused with %d', async (query, code, message) => {
    const answer = await server.send<{ message: string }>('GET', `/api/v1/namespaces/default/configmaps?${query}`);
    expect([answer.code, answer.body.message]).toEqual([code, message]);
  });
});
