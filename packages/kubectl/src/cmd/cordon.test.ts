import { newStatusError } from '@podling/shared/api';
import { buildNode } from '@podling/shared/testing';
import { describe, expect, it } from 'vitest';
import { FakeApi } from '../testing/fake-api.ts';
import { kubectl } from '../testing/run.ts';

function twoNodes(): FakeApi {
  return new FakeApi()
    .on('GET /api/v1/nodes/a', buildNode({ name: 'a' }))
    .on('GET /api/v1/nodes/b', buildNode({ name: 'b', unschedulable: true }))
    .on('GET /api/v1/nodes', { kind: 'NodeList', metadata: {}, items: [buildNode({ name: 'a' }), buildNode({ name: 'b', unschedulable: true })] })
    .on('PATCH /api/v1/nodes/a', {})
    .on('PATCH /api/v1/nodes/b', {});
}

describe('cordon and uncordon', () => {
  it.each<[string, string, unknown[]]>([
    ['cordon a b', 'node/a cordoned\nnode/b already cordoned\n', [['/api/v1/nodes/a', { spec: { unschedulable: true } }]]],
    ['uncordon node/a nodes/b', 'node/a already uncordoned\nnode/b uncordoned\n', [['/api/v1/nodes/b', { spec: { unschedulable: null } }]]],
    ['cordon -l disk=ssd', 'node/a cordoned\nnode/b already cordoned\n', [['/api/v1/nodes/a', { spec: { unschedulable: true } }]]],
    ['cordon a --dry-run=client', 'node/a cordoned (dry run)\n', []],
  ])('%s', async (line, stdout, sent) => {
    const api = twoNodes();
    expect(await kubectl(api, line)).toEqual({ exitCode: 0, stdout, stderr: '' });
    expect(api.sent('PATCH').map(({ path, body }) => [path, body])).toEqual(sent);
  });

  it('asks for the labels it was given', async () => {
    const api = twoNodes();
    await kubectl(api, 'uncordon -l disk=ssd --dry-run=server');
    expect(api.sent('GET').at(-1)?.query).toMatchObject({ labelSelector: 'disk=ssd' });
    expect(api.sent('PATCH')[0]?.query).toMatchObject({ dryRun: 'All' });
  });

  it('goes on to the next node after a failure, and remembers it', async () => {
    const api = twoNodes().on('PATCH /api/v1/nodes/a', newStatusError({ code: 403, reason: 'Forbidden', message: 'not you' }));
    expect(await kubectl(api, 'cordon a b')).toEqual({ exitCode: 1, stdout: 'node/b already cordoned\n', stderr: 'error: unable to cordon node "a": not you\n' });
  });
});
