import { describe, expect, it } from 'vitest';
import type { ConfigMap, KubeList, Status } from '@podling/shared/api';
import { useTestServer } from '../testing/test-server.ts';

const configMaps = '/api/v1/namespaces/default/configmaps';
const merge = 'application/merge-patch+json';

describe('config maps', () => {
  const server = useTestServer();
  const create = (name: string, parts: Partial<ConfigMap>) =>
    server.send<ConfigMap & Status>('POST', configMaps, { body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, ...parts } });

  it('keep text and bytes', async () => {
    const { code, body } = await create('both', { data: { a: 'x' }, binaryData: { b: 'AAEC' } });
    expect([code, body.data, body.binaryData]).toEqual([201, { a: 'x' }, { b: 'AAEC' }]);
    const { body: list } = await server.send<KubeList<ConfigMap>>('GET', configMaps);
    expect(list).toMatchObject({ kind: 'ConfigMapList', apiVersion: 'v1' });
    expect((await server.send<Status>('DELETE', `${configMaps}/both`)).body).toMatchObject({ kind: 'Status', status: 'Success' });
  });

  it.each<[string, Partial<ConfigMap>, string, string]>([
    ['a key with a blank', { data: { 'a b': '' } }, 'data[a b]', 'a valid config key must consist of'],
    ['a key in both', { data: { a: '' }, binaryData: { a: '' } }, 'data[a]', 'duplicate of key present in binaryData'],
    ['more than 1 MiB', { data: { a: 'x'.repeat(1024 * 1024 + 1) } }, '[]', 'Too long: may not be more than 1048576 bytes'],
  ])('refuse %s', async (_what, parts, field, message) => {
    const { code, body } = await create('refused', parts);
    expect([code, body.details?.causes]).toEqual([422, [expect.objectContaining({ field, message: expect.stringContaining(message) as string })]]);
  });

  it('refuse what is no base64', async () => {
    const { code, body } = await create('refused', { binaryData: { a: 'AA!=' } });
    expect([code, body.message]).toEqual([400, expect.stringContaining('illegal base64 data at input byte 2')]);
  });

  it('stay as they are once immutable', async () => {
    await create('fixed', { data: { a: '1' }, immutable: true });
    const { code, body } = await server.send<Status>('PATCH', `${configMaps}/fixed`, { body: { data: { a: '2' }, immutable: false }, contentType: merge });
    const detail = 'Forbidden: field is immutable when `immutable` is set';
    expect([code, body.details?.causes]).toEqual([422, ['immutable', 'data'].map((field) => ({ reason: 'FieldValueForbidden', field, message: detail }))]);
    expect((await server.send('PATCH', `${configMaps}/fixed`, { body: { metadata: { labels: { a: 'b' } } }, contentType: merge })).code).toBe(200);
  });
});
