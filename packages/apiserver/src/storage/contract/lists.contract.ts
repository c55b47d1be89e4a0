import { describe, expect, it } from 'vitest';
import { isStorageError } from '../errors.ts';
import type { Storage, StorageList, StorageListOptions } from '../storage.ts';
import { nextRevision } from '../versioner.ts';
import { createPod, itemsOf, podKey, podsPrefix, revisionOf, setReplicas } from './fixture.ts';
import type { StorageFixture, TestPod } from './fixture.ts';

export function describeLists(use: () => StorageFixture): void {
  const storage = (): Storage => use().storage;
  const names = (list: StorageList<TestPod>): string[] =>
    itemsOf(list).map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
  const listAll = (options?: StorageListOptions<TestPod>): Promise<StorageList<TestPod>> => storage().list<TestPod>(podsPrefix, options);

  describe('list', () => {
    it('gives the objects in key order with the revision of each and of the whole', async () => {
      const web = await createPod(storage(), 'web');
      const api = await createPod(storage(), 'api');
      const list = await listAll();
      expect(itemsOf(list)).toEqual([api, web]);
      expect(list.resourceVersion).toBe(revisionOf(api));
      expect(list.continueKey).toBeUndefined();
    });

    it('of an empty prefix has no items but a revision', async () => {
      expect(await listAll()).toEqual({ stored: [], resourceVersion: await storage().currentRevision() });
    });

    it.each([['default', 'default2'], ['node-1', 'node-10'], ['a', 'a-b']])('keeps %s and %s apart', async (short, long) => {
      await createPod(storage(), `${short}/web`);
      await createPod(storage(), `${long}/web`);
      expect(names(await storage().list<TestPod>(`${podsPrefix}${short}/`))).toEqual([`${short}/web`]);
      expect(names(await storage().list<TestPod>(`${podsPrefix}${long}/`))).toEqual([`${long}/web`]);
      expect(await listAll()).toHaveProperty('stored.length', 2);
    });

    it('refuses a prefix without a trailing slash', async () => {
      await expect(storage().list(podsPrefix.slice(0, -1))).rejects.toSatisfy((error) => isStorageError(error, 'InvalidObject'));
    });

    it('counts only what satisfies the predicate towards the limit', async () => {
      for (let index = 0; index < 9; index += 1) await createPod(storage(), `pod-${index}`, { replicas: index % 3 });
      const predicate = (object: TestPod): boolean => object.spec.replicas === 0;
      const page = await listAll({ limit: 2, predicate });
      expect(names(page)).toEqual(['default/pod-0', 'default/pod-3']);
      const rest = await listAll({ limit: 2, predicate, continueKey: page.continueKey ?? '', resourceVersion: page.resourceVersion });
      expect(names(rest)).toEqual(['default/pod-6']);
    });

    it('is served for revision 0 and for one that is old enough', async () => {
      const created = await createPod(storage(), 'web');
      await setReplicas(storage(), 'web', 2);
      const notOlder = await listAll({ resourceVersion: revisionOf(created) });
      expect(['1', revisionOf(created), await storage().currentRevision()]).toContain(notOlder.resourceVersion);
      await expect(listAll({ resourceVersion: '0' })).resolves.toHaveProperty('resourceVersion');
    });

    it('fails with TooLargeResourceVersion for a revision that is not there yet', async () => {
      await createPod(storage(), 'web');
      const future = `${await storage().currentRevision()}000`;
      const tooLarge = (error: unknown): boolean => isStorageError(error, 'TooLargeResourceVersion');
      await expect(listAll({ resourceVersion: future })).rejects.toSatisfy(tooLarge);
      await expect(listAll({ resourceVersion: future, resourceVersionMatch: 'Exact' })).rejects.toSatisfy(tooLarge);
    });

    it('shows the past for an exact revision', async () => {
      const first = await createPod(storage(), 'a', { replicas: 1 });
      const second = await createPod(storage(), 'b', { replicas: 1 });
      await setReplicas(storage(), 'a', 2);
      await storage().delete(podKey('b'));
      await createPod(storage(), 'c');
      const past = await listAll({ resourceVersion: revisionOf(second), resourceVersionMatch: 'Exact' });
      expect(itemsOf(past)).toEqual([first, second]);
      expect(past.resourceVersion).toBe(revisionOf(second));
    });

    it('fails with Compacted for an exact revision that is no longer kept', async () => {
      const old = revisionOf(await createPod(storage(), 'web'));
      for (let index = 0; index < 4; index += 1) await setReplicas(storage(), 'web', index);
      await use().compact(await storage().currentRevision());
      await expect(listAll({ resourceVersion: old, resourceVersionMatch: 'Exact' })).rejects.toSatisfy((error) => isStorageError(error, 'Compacted'));
    });
  });

  describe('pages', () => {
    it('are all of the revision of the first, whatever is written in between', async () => {
      for (let index = 0; index < 10; index += 1) await createPod(storage(), `pod-${index}`);
      const expected = names(await listAll());
      const seen: string[] = [];
      let page = await listAll({ limit: 3 });
      expect(page.remainingItemCount).toBe(7);
      for (;;) {
        seen.push(...names(page));
        expect(page.stored.length).toBeLessThanOrEqual(3);
        if (page.continueKey === undefined) break;
        await storage().delete(podKey(`pod-${9 - seen.length / 3}`));
        await createPod(storage(), `pod-${seen.length}-new`);
        const following = await listAll({ limit: 3, continueKey: page.continueKey, resourceVersion: page.resourceVersion });
        expect(following.resourceVersion).toBe(page.resourceVersion);
        page = following;
      }
      expect(seen).toEqual(expected);
    });

    it('end without a continueKey when the last one is full', async () => {
      for (const name of ['a', 'b', 'c', 'd']) await createPod(storage(), name);
      const first = await listAll({ limit: 2 });
      const last = await listAll({ limit: 2, continueKey: first.continueKey ?? '', resourceVersion: first.resourceVersion });
      expect(names(last)).toEqual(['default/c', 'default/d']);
      expect(last.continueKey).toBeUndefined();
    });

    it('fail with Compacted when their revision is gone', async () => {
      for (const name of ['a', 'b', 'c']) await createPod(storage(), name);
      const first = await listAll({ limit: 1 });
      await setReplicas(storage(), 'a', 1);
      await setReplicas(storage(), 'a', 2);
      await use().compact(nextRevision(first.resourceVersion));
      const second = listAll({ limit: 1, continueKey: first.continueKey ?? '', resourceVersion: first.resourceVersion });
      await expect(second).rejects.toSatisfy((error) => isStorageError(error, 'Compacted'));
    });
  });
}
