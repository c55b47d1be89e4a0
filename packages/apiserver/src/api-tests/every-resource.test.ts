import { beforeAll, describe, expect, it } from 'vitest';
import type { KubeList, KubeObject } from '@podling/shared/api';
import { transports } from '../testing/open-watch.ts';
import { samples } from '../testing/samples.ts';
import { useTestServer } from '../testing/test-server.ts';

interface Resource {
  name: string;
  verbs: string[];
  storageVersionHash?: string;
}

interface Discovered {
  groupVersion: string;
  resources: Resource[];
}

const key = (groupVersion: string, { name }: Resource): string => `${groupVersion} ${name}`;

describe('every stored resource', () => {
  const server = useTestServer();
  const stored = new Map<string, string[]>();

  beforeAll(async () => {
    const { body: { groups } } = await server.send<{ groups: { preferredVersion: { groupVersion: string } }[] }>('GET', '/apis');
    for (const path of ['/api/v1', ...groups.map(({ preferredVersion }) => `/apis/${preferredVersion.groupVersion}`)]) {
      const { body: { groupVersion, resources } } = await server.send<Discovered>('GET', path);
      for (const resource of resources) if (resource.storageVersionHash) stored.set(key(groupVersion, resource), resource.verbs);
    }
  });

  it('is among the samples, and every sample is served', () => {
    expect(Object.keys(samples).toSorted()).toEqual([...stored.keys()].toSorted());
  });

  describe.each(Object.entries(samples))('%s', (resource, { collection, body }) => {
    const serves = (verb: string): boolean => stored.get(resource)?.includes(verb) ?? false;
    const labelled = (name: string, labels: Record<string, string> = {}) => ({ ...body, metadata: { name, labels } });
    const create = async (name: string, labels?: Record<string, string>): Promise<KubeObject> => {
      const answer = await server.send('POST', collection, { body: labelled(name, labels) });
      expect([answer.code, answer.body.message]).toEqual([201, undefined]);
      return answer.body;
    };
    const read = (name: string) => server.send('GET', `${collection}/${name}`);

    it('create answers with the object, get with the same', async () => {
      const created = await create('created');
      expect(created.metadata.uid).toBeTruthy();
      expect((await read('created')).body).toEqual(created);
    });

    it('list has it', async () => {
      await create('listed', { of: 'list' });
      const { body: list } = await server.send<KubeList<KubeObject>>('GET', `${collection}?labelSelector=of%3Dlist`);
      expect([list.kind, list.items.map(({ metadata }) => metadata.name)]).toEqual([expect.stringMatching(/List$/), ['listed']]);
    });

    it('watch shows it come and change', async () => {
      const watch = await transports.chunked(`${server.url}${collection}?watch=true&labelSelector=of%3Dwatch`);
      const { kind, apiVersion } = await create('watched', { of: 'watch' });
      expect(await watch.next()).toMatchObject({ type: 'ADDED', object: { kind, apiVersion, metadata: { name: 'watched' } } });
      await server.send('PATCH', `${collection}/watched`, { body: { metadata: { labels: { more: 'yes' } } }, contentType: 'application/merge-patch+json' });
      expect(await watch.next()).toMatchObject({ type: 'MODIFIED', object: { metadata: { labels: { more: 'yes' } } } });
      watch.close();
    });

    it('update replaces it', async () => {
      const created = await create('updated');
      const next = { ...created, metadata: { ...created.metadata, labels: { replaced: 'yes' } } };
      const answer = await server.send('PUT', `${collection}/updated`, { body: next });
      expect([answer.code, answer.body.metadata.labels?.['replaced']]).toEqual([200, 'yes']);
      expect((await server.send('PUT', `${collection}/updated`, { body: next })).code).toBe(409);
    });

    it.each(['application/merge-patch+json', 'application/strategic-merge-patch+json'])('patch with %s changes a part of it', async (contentType) => {
      const name = contentType.includes('strategic') ? 'patched-2' : 'patched-1';
      await create(name);
      const { code } = await server.send('PATCH', `${collection}/${name}`, { body: { metadata: { annotations: { patched: 'yes' } } }, contentType });
      expect([code, (await read(name)).body.metadata.annotations]).toEqual([200, expect.objectContaining({ patched: 'yes' })]);
    });

    it('patch with apply makes it and owns it', async () => {
      const { kind, apiVersion } = await create('of-this-kind');
      const applied = { ...labelled('applied', { of: 'apply' }), kind, apiVersion };
      const answer = await server.send('PATCH', `${collection}/applied?fieldManager=me`, { body: applied, contentType: 'application/apply-patch+yaml' });
      expect([answer.code, answer.body.metadata.managedFields?.[0]]).toMatchObject([201, { manager: 'me', operation: 'Apply' }]);
    });

    it('delete ends it or marks it', async () => {
      await create('deleted');
      expect([200, 202]).toContain((await server.send('DELETE', `${collection}/deleted`)).code);
      const { code, body: after } = await read('deleted');
      expect(code === 404 || after.metadata.deletionTimestamp !== undefined).toBe(true);
    });

    it('deletecollection ends the chosen ones, where it is served', async () => {
      await create('chosen', { of: 'collection' });
      await create('spared');
      const { code } = await server.send('DELETE', `${collection}?labelSelector=of%3Dcollection`);
      expect(code).toBe(serves('deletecollection') ? 200 : 405);
      expect([(await read('chosen')).code, (await read('spared')).code]).toEqual([serves('deletecollection') ? 404 : 200, 200]);
    });
  });
});
