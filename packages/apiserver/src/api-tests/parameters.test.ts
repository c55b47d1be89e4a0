import { describe, expect, it } from 'vitest';
import type { ConfigMap, KubeList, KubeObject, Status } from '@podling/shared/api';
import { useTestServer } from '../testing/test-server.ts';

const maps = '/api/v1/namespaces/default/configmaps';

describe('parameters', () => {
  const server = useTestServer();
  const create = async (name: string, labels: Record<string, string> = {}): Promise<ConfigMap> =>
    (await server.send<ConfigMap>('POST', maps, { body: { metadata: { name, labels }, data: { a: '1' } } })).body;
  const read = (name: string) => server.send<ConfigMap & Status>('GET', `${maps}/${name}`);
  const names = async (query = ''): Promise<string[]> =>
    (await server.send<KubeList<ConfigMap>>('GET', `${maps}?${query}`)).body.items.map(({ metadata }) => metadata.name);

  describe('of an update', () => {
    it('dryRun answers as usual and writes nothing', async () => {
      const map = await create('dry');
      const { code, body } = await server.send<ConfigMap>('PUT', `${maps}/dry?dryRun=All`, { body: { ...map, data: { a: '2' } } });
      expect([code, body.data, (await read('dry')).body.data]).toEqual([200, { a: '2' }, { a: '1' }]);
    });

    it('fieldManager owns what was changed', async () => {
      const map = await create('owned');
      const { body } = await server.send<ConfigMap>('PUT', `${maps}/owned?fieldManager=changer`, { body: { ...map, data: { a: '2' } } });
      expect(body.metadata.managedFields?.map(({ manager }) => manager)).toContain('changer');
    });

    it('fieldValidation=Strict refuses unknown fields', async () => {
      const map = await create('strict');
      const { code, body } = await server.send<Status>('PUT', `${maps}/strict?fieldValidation=Strict`, { body: { ...map, colour: 'red' } });
      expect([code, body.message]).toEqual([400, expect.stringContaining('unknown field "colour"')]);
    });
  });

  describe('of a delete', () => {
    it.each(['orphanDependents=true', 'orphanDependents=false', 'propagationPolicy=Background', 'gracePeriodSeconds=0'])('%s is taken', async (query) => {
      await create('taken');
      expect([(await server.send('DELETE', `${maps}/taken?${query}`)).code, (await read('taken')).code]).toEqual([200, 404]);
    });
  });

  describe('of the delete of a collection', () => {
    it('dryRun deletes nothing', async () => {
      await create('kept', { of: 'dry' });
      expect((await server.send('DELETE', `${maps}?labelSelector=of%3Ddry&dryRun=All`)).code).toBe(200);
      expect(await names('labelSelector=of%3Ddry')).toEqual(['kept']);
    });

    it('labelSelector and fieldSelector choose', async () => {
      for (const name of ['chosen-1', 'chosen-2', 'chosen-3']) await create(name, { of: name === 'chosen-3' ? 'others' : 'choice' });
      await server.send('DELETE', `${maps}?labelSelector=of%3Dchoice&fieldSelector=metadata.name!%3Dchosen-1`);
      expect(await names('labelSelector=of%20in%20(choice,others)')).toEqual(['chosen-1', 'chosen-3']);
    });

    it('limit and continue go page by page', async () => {
      for (const name of ['page-1', 'page-2', 'page-3']) await create(name, { of: 'pages' });
      const first = await server.send<KubeList<ConfigMap>>('DELETE', `${maps}?labelSelector=of%3Dpages&limit=2`);
      expect(first.body.items.length).toBe(2);
      expect(await names('labelSelector=of%3Dpages')).toEqual(['page-3']);
      const token = encodeURIComponent(first.body.metadata.continue ?? '');
      await server.send('DELETE', `${maps}?labelSelector=of%3Dpages&limit=2&continue=${token}`);
      expect(await names('labelSelector=of%3Dpages')).toEqual([]);
    });

    it('resourceVersion with Exact spares what came later', async () => {
      const { metadata: { resourceVersion } } = await create('early', { of: 'time' });
      await create('late', { of: 'time' });
      await server.send('DELETE', `${maps}?labelSelector=of%3Dtime&resourceVersion=${resourceVersion}&resourceVersionMatch=Exact`);
      expect(await names('labelSelector=of%3Dtime')).toEqual(['late']);
    });

    it.each(['gracePeriodSeconds=0', 'orphanDependents=false', 'propagationPolicy=Background'])('%s is taken', async (query) => {
      await create('many', { of: 'many' });
      expect((await server.send('DELETE', `${maps}?labelSelector=of%3Dmany&${query}`)).code).toBe(200);
      expect(await names('labelSelector=of%3Dmany')).toEqual([]);
    });
  });
});

describe('the status of a resource', () => {
  const server = useTestServer();

  it.each([
    ['namespaces', '/api/v1/namespaces', {}, { conditions: [{ type: 'Odd', status: 'True' }] }],
    ['nodes', '/api/v1/nodes', {}, { conditions: [{ type: 'Odd', status: 'True' }] }],
    ['pods', '/api/v1/namespaces/default/pods', { spec: { containers: [{ name: 'a', image: 'x' }] } }, { conditions: [{ type: 'Odd', status: 'True' }] }],
    ['services', '/api/v1/namespaces/default/services', { spec: { ports: [{ port: 80 }] } }, { conditions: [{ type: 'Odd', status: 'True', reason: 'Test', message: '', lastTransitionTime: '2026-01-02T03:04:05Z' }] }],
    ['poddisruptionbudgets', '/apis/policy/v1/namespaces/default/poddisruptionbudgets', { spec: {} }, { conditions: [{ type: 'Odd', status: 'True', reason: 'Test', message: '', lastTransitionTime: '2026-01-02T03:04:05Z' }] }],
  ])('of %s is read, replaced and patched through /status', async (_resource, collection, body, status) => {
    interface Odd { metadata: object; status?: { conditions?: { type: string }[] } }
    await server.send('POST', collection, { body: { ...body, metadata: { name: 'odd' } } });
    const { body: before } = await server.send<Odd>('GET', `${collection}/odd/status`);
    const replaced = await server.send<Odd>('PUT', `${collection}/odd/status`, { body: { ...before, status: { ...before.status, ...status } } });
    expect([replaced.code, replaced.body.status?.conditions?.map(({ type }) => type)]).toEqual([200, expect.arrayContaining(['Odd'])]);
    const patched = await server.send<Odd>('PATCH', `${collection}/odd/status`, { body: { status: { conditions: [{ ...status.conditions[0], type: 'Even' }] } }, contentType: 'application/merge-patch+json' });
    expect([patched.code, patched.body.status?.conditions?.map(({ type }) => type)]).toEqual([200, expect.arrayContaining(['Even'])]);
  });
});

describe('a part of a pod', () => {
  const server = useTestServer();

  it.each([
    ['ephemeralcontainers', { ephemeralContainers: [{ name: 'look', image: 'x' }] }],
    ['resize', { containers: [{ name: 'main', resources: { requests: { cpu: '200m' } } }] }],
  ])('pods/%s is read and patched', async (part, spec) => {
    const path = `/api/v1/namespaces/default/pods/${part}`;
    await server.createPod(part, { spec: { containers: [{ name: 'main', image: 'x', resources: { requests: { cpu: '100m' } } }] } });
    expect((await server.send('GET', `${path}/${part}`)).body).toEqual((await server.send('GET', path)).body);
    const { code, body } = await server.send<KubeObject>('PATCH', `${path}/${part}`, { body: { spec }, contentType: 'application/strategic-merge-patch+json' });
    expect([code, body]).toMatchObject([200, { spec }]);
  });
});
