import { describe, expect, it } from 'vitest';
import { isStorageError } from '../errors.ts';
import type { Storage } from '../storage.ts';
import { isNewerRevision } from '../versioner.ts';
import { createPod, itemsOf, OpenWatch, pod, podKey, podsPrefix, revisionOf, setReplicas } from './fixture.ts';
import type { StorageFixture, TestPod } from './fixture.ts';

export function describeWrites(use: () => StorageFixture): void {
  const storage = (): Storage => use().storage;
  const get = async (name: string): Promise<TestPod> => (await storage().get<TestPod>(podKey(name))).object;

  describe('create and get', () => {
    it('stores an object and gives it back with a resourceVersion', async () => {
      const created = await createPod(storage(), 'web', { payload: 'größe ✓' });
      const read = await get('web');
      expect(read).toEqual({ ...pod('web', { payload: 'größe ✓' }), metadata: { ...pod('web').metadata, resourceVersion: revisionOf(created) } });
      expect(revisionOf(created)).toMatch(/^[1-9]\d*$/);
    });

    it('refuses a second object under the same key and keeps the first', async () => {
      await createPod(storage(), 'web', { replicas: 1 });
      await expect(createPod(storage(), 'web', { replicas: 2 })).rejects.toSatisfy((error) => isStorageError(error, 'KeyExists'));
      expect((await get('web')).spec.replicas).toBe(1);
    });

    it('creates only while what it requires is as it was', async () => {
      const resourceVersion = revisionOf(await createPod(storage(), 'home'));
      const requires = { key: podKey('home'), resourceVersion };
      await storage().create(podKey('first'), pod('first'), { requires });
      await setReplicas(storage(), 'home', 1);
      await expect(storage().create(podKey('second'), pod('second'), { requires })).rejects.toSatisfy((error) => isStorageError(error, 'RequirementFailed'));
      await expect(storage().get(podKey('second'))).rejects.toSatisfy((error) => isStorageError(error, 'KeyNotFound'));
      await storage().delete(podKey('home'));
      await expect(storage().create(podKey('third'), pod('third'), { requires, ttlSeconds: 60 })).rejects.toSatisfy((error) => isStorageError(error, 'RequirementFailed'));
    });

    it('lets one of many concurrent creates win', async () => {
      const results = await Promise.allSettled(Array.from({ length: 8 }, (_, index) => createPod(storage(), 'web', { replicas: index })));
      expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    });

    it('ignores a resourceVersion that comes in with the object', async () => {
      const object = pod('web');
      object.metadata.resourceVersion = '123456789';
      const created = await storage().create(podKey('web'), object);
      expect(revisionOf(created)).not.toBe('123456789');
      expect(revisionOf(await get('web'))).toBe(revisionOf(created));
    });

    it('fails with KeyNotFound for a key that is not there', async () => {
      await expect(storage().get(podKey('absent'))).rejects.toSatisfy((error) => isStorageError(error, 'KeyNotFound'));
    });

    it('hands out copies that the caller may change', async () => {
      await createPod(storage(), 'web', { replicas: 1 });
      const mine = (await storage().get<TestPod>(podKey('web'))).copy();
      mine.spec.replicas = 99;
      expect((await get('web')).spec.replicas).toBe(1);
      expect(itemsOf(await storage().list<TestPod>(podsPrefix))[0]?.spec.replicas).toBe(1);
    });

    it('raises the revision with every write', async () => {
      const before = await storage().currentRevision();
      const first = revisionOf(await createPod(storage(), 'one'));
      const second = revisionOf(await setReplicas(storage(), 'one', 5));
      const removed = revisionOf(await storage().delete<TestPod>(podKey('one')));
      expect(isNewerRevision(first, before)).toBe(true);
      expect(isNewerRevision(second, first)).toBe(true);
      expect(isNewerRevision(removed, second)).toBe(true);
      expect(await storage().currentRevision()).toBe(removed);
    });

    it('refuses an object that is too large with TooLarge and stays usable', async () => {
      await expect(createPod(storage(), 'big', { payload: 'x'.repeat(1.7e6) })).rejects.toSatisfy((error) => isStorageError(error, 'TooLarge'));
      await createPod(storage(), 'small');
      expect((await storage().list(podsPrefix)).stored).toHaveLength(1);
    });
  });

  describe('guaranteedUpdate', () => {
    it('starts again with the fresh object when somebody else wrote in between', async () => {
      await createPod(storage(), 'web', { replicas: 1 });
      const seen: (number | undefined)[] = [];
      const result = await storage().guaranteedUpdate<TestPod>(podKey('web'), async (current) => {
        seen.push(current.spec.replicas);
        if (seen.length === 1) await setReplicas(storage(), 'web', 7);
        return { ...current, spec: { ...current.spec, nodeName: 'node-1' } };
      });
      expect(seen).toEqual([1, 7]);
      expect(result.spec).toEqual({ replicas: 7, nodeName: 'node-1' });
      expect((await get('web')).spec).toEqual({ replicas: 7, nodeName: 'node-1' });
    });

    it('loses no increment among concurrent writers', async () => {
      await createPod(storage(), 'counter', { replicas: 0 });
      const increment = (): Promise<TestPod> =>
        storage().guaranteedUpdate<TestPod>(podKey('counter'), (current) => {
          current.spec.replicas = (current.spec.replicas ?? 0) + 1;
          return current;
        });
      await Promise.all(Array.from({ length: 25 }, increment));
      expect((await get('counter')).spec.replicas).toBe(25);
    });

    it('writes nothing and makes no event when nothing changed', async () => {
      const created = await createPod(storage(), 'web', { replicas: 1 });
      const watch = new OpenWatch(storage(), podsPrefix, { resourceVersion: revisionOf(created) });
      const same = await storage().guaranteedUpdate<TestPod>(podKey('web'), (current) => current);
      const equal = await setReplicas(storage(), 'web', 1);
      expect([revisionOf(same), revisionOf(equal)]).toEqual([revisionOf(created), revisionOf(created)]);
      expect(await storage().currentRevision()).toBe(revisionOf(created));
      await setReplicas(storage(), 'web', 2);
      expect(await watch.nextChange()).toMatchObject({ type: 'modified', object: { spec: { replicas: 2 } } });
      await watch.stop();
    });

    it('passes what the update function throws through and writes nothing', async () => {
      const created = await createPod(storage(), 'web');
      const refusal = new Error('refused');
      await expect(storage().guaranteedUpdate(podKey('web'), () => { throw refusal; })).rejects.toBe(refusal);
      expect(await storage().currentRevision()).toBe(revisionOf(created));
    });

    it('fails with KeyNotFound for an absent key, also when it vanishes in between', async () => {
      const notFound = (error: unknown): boolean => isStorageError(error, 'KeyNotFound');
      await expect(setReplicas(storage(), 'absent', 1)).rejects.toSatisfy(notFound);
      await createPod(storage(), 'web');
      const lost = storage().guaranteedUpdate<TestPod>(podKey('web'), async (current) => {
        await storage().delete(podKey('web'));
        return { ...current, spec: { replicas: 3 } };
      });
      await expect(lost).rejects.toSatisfy(notFound);
      await expect(storage().get(podKey('web'))).rejects.toSatisfy(notFound);
    });

    it('does not write over an object that was deleted and made anew', async () => {
      await createPod(storage(), 'web', { replicas: 1 });
      const seen: (number | undefined)[] = [];
      await storage().guaranteedUpdate<TestPod>(podKey('web'), async (current) => {
        seen.push(current.spec.replicas);
        if (seen.length === 1) {
          await storage().delete(podKey('web'));
          await createPod(storage(), 'web', { replicas: 100 });
        }
        return { ...current, spec: { ...current.spec, nodeName: 'node-1' } };
      });
      expect(seen).toEqual([1, 100]);
    });
  });

  describe('delete', () => {
    it('returns the last state with the revision of the deletion', async () => {
      await createPod(storage(), 'web', { replicas: 1 });
      await setReplicas(storage(), 'web', 2);
      const last = await storage().delete<TestPod>(podKey('web'));
      expect(last.spec.replicas).toBe(2);
      expect(revisionOf(last)).toBe(await storage().currentRevision());
      await expect(storage().get(podKey('web'))).rejects.toSatisfy((error) => isStorageError(error, 'KeyNotFound'));
    });

    it('shows the state to validate first and keeps the key when it throws', async () => {
      await createPod(storage(), 'web', { replicas: 4 });
      const refusal = new Error('not this one');
      const removal = storage().delete<TestPod>(podKey('web'), (current) => {
        if (current.spec.replicas === 4) throw refusal;
      });
      await expect(removal).rejects.toBe(refusal);
      expect((await get('web')).spec.replicas).toBe(4);
    });

    it('lets one of many concurrent deletes win', async () => {
      await createPod(storage(), 'web');
      const results = await Promise.allSettled(Array.from({ length: 5 }, () => storage().delete(podKey('web'))));
      const failures = results.filter((result) => result.status === 'rejected');
      expect(failures).toHaveLength(4);
      expect(failures.every((failure) => isStorageError(failure.reason, 'KeyNotFound'))).toBe(true);
    });

    it('never removes a state that validate has not seen', async () => {
      await createPod(storage(), 'web', { replicas: 0 });
      const validated: (number | undefined)[] = [];
      const writes = Array.from({ length: 10 }, (_, index) => setReplicas(storage(), 'web', index + 1).catch(() => undefined));
      const last = await storage().delete<TestPod>(podKey('web'), (current) => { validated.push(current.spec.replicas); });
      await Promise.all(writes);
      expect(validated.at(-1)).toBe(last.spec.replicas);
    });
  });
}
