import { describe, expect, it } from 'vitest';
import type { KubeList, Namespace, Status } from '@podling/shared/api';
import { podBody, useTestServer } from '../testing/test-server.ts';

describe('namespaces', () => {
  const server = useTestServer();
  const create = (name: string) => server.send('POST', '/api/v1/namespaces', { body: { metadata: { name } } });

  it('are there from the start', async () => {
    const { body } = await server.send<KubeList<Namespace>>('GET', '/api/v1/namespaces');
    expect(body.items.map(({ metadata }) => metadata.name)).toEqual(['default', 'kube-node-lease', 'kube-public', 'kube-system']);
    expect(body.items.map(({ status }) => status?.phase)).toEqual(['Active', 'Active', 'Active', 'Active']);
  });

  it.each(['default', 'kube-system', 'kube-public'])('keeps %s', async (name) => {
    const { code, body } = await server.send<Status>('DELETE', `/api/v1/namespaces/${name}`);
    expect([code, body.message]).toEqual([403, `namespaces "${name}" is forbidden: this namespace may not be deleted`]);
  });

  it('are not deleted all at once', async () => {
    await create('bystander');
    expect((await server.send('DELETE', '/api/v1/namespaces')).code).toBe(405);
    expect((await server.send('GET', '/api/v1/namespaces/bystander')).body.metadata.deletionTimestamp).toBeUndefined();
    await server.send('DELETE', '/api/v1/namespaces/bystander');
  });

  it('stay Terminating and take nothing new until their finalizers have gone', async () => {
    await create('full');
    const inside = '/api/v1/namespaces/full/pods';
    const { code, body } = await server.send<Namespace>('DELETE', '/api/v1/namespaces/full');
    expect([code, body.status?.phase, body.spec?.finalizers]).toEqual([200, 'Terminating', ['kubernetes']]);
    await expect.poll(async () => (await server.send('POST', `${inside}?dryRun=All`, { body: podBody('late') })).code).toBe(403);
    const again = await server.send<Namespace>('DELETE', '/api/v1/namespaces/full');
    expect([again.code, again.body.metadata.deletionTimestamp]).toEqual([200, body.metadata.deletionTimestamp]);
    const ignored = await server.send<Namespace>('PUT', '/api/v1/namespaces/full', { body: { ...body, spec: { finalizers: [] } } });
    expect(ignored.body.spec?.finalizers).toEqual(['kubernetes']);
    const finalized = await server.send<Namespace>('PUT', '/api/v1/namespaces/full/finalize', { body: { ...ignored.body, spec: { finalizers: [] } } });
    expect(finalized.code).toBe(200);
    expect((await server.send('GET', '/api/v1/namespaces/full')).code).toBe(404);
  });

  it('are finalized by PUT alone, and keep what else they have', async () => {
    await create('kept');
    const { body } = await server.send<Namespace>('GET', '/api/v1/namespaces/kept');
    expect((await server.send('GET', '/api/v1/namespaces/kept/finalize')).code).toBe(405);
    const put = await server.send<Namespace>('PUT', '/api/v1/namespaces/kept/finalize', { body: { ...body, spec: { finalizers: ['example.com/own'] }, status: { phase: 'Terminating' } } });
    expect([put.body.spec?.finalizers, put.body.status?.phase]).toEqual([['example.com/own'], 'Active']);
  });

  it('say in their status what holds them, but not that they go', async () => {
    await create('conditions');
    const write = (status: Namespace['status']) =>
      server.send<Namespace & Status>('PATCH', '/api/v1/namespaces/conditions/status', { body: { status }, contentType: 'application/merge-patch+json' });
    const conditions = [{ type: 'NamespaceContentRemaining', status: 'True' as const }];
    expect((await write({ conditions })).body.status).toMatchObject({ phase: 'Active', conditions });
    const early = await write({ phase: 'Terminating' });
    expect([early.code, early.body.details?.causes?.map(({ field }) => field)]).toEqual([422, ['status.Phase']]);
  });

  it('take no finalizer that is none', async () => {
    await create('finalized');
    const { code, body } = await server.send<Status>('PUT', '/api/v1/namespaces/finalized/finalize', { body: { metadata: { name: 'finalized' }, spec: { finalizers: ['nobody'] } } });
    expect([code, body.details?.causes?.map(({ field }) => field)]).toEqual([422, ['spec.finalizers[0]']]);
  });
});
