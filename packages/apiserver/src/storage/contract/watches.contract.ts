import { describe, expect, it } from 'vitest';
import { isStorageError } from '../errors.ts';
import type { Storage } from '../storage.ts';
import { compareRevisions, isNewerRevision } from '../versioner.ts';
import { createPod, describeChange, itemsOf, OpenWatch, podKey, podsPrefix, replay, revisionOf, setReplicas } from './fixture.ts';
import type { PodChange, StorageFixture, TestPod } from './fixture.ts';

export function describeWatches(use: () => StorageFixture): void {
  const storage = (): Storage => use().storage;
  const open = (resourceVersion?: string, prefix = podsPrefix): OpenWatch =>
    new OpenWatch(storage(), prefix, resourceVersion === undefined ? {} : { resourceVersion });

  /** A cache may be behind: resolves once it has shown the newest object. */
  const caughtUp = async (): Promise<void> => {
    const present = await storage().list<TestPod>(podsPrefix);
    const newest = itemsOf(present).map(revisionOf).sort(compareRevisions).at(-1);
    const watch = open('0');
    while ((await watch.nextChange()).revision !== newest);
    await watch.stop();
  };

  describe('watch', () => {
    it('from a revision delivers every later change once and in order', async () => {
      const start = revisionOf(await createPod(storage(), 'a', { replicas: 0 }));
      await setReplicas(storage(), 'a', 1);
      await createPod(storage(), 'b');
      const watch = open(start);
      await storage().delete(podKey('a'));
      const last = await createPod(storage(), 'a');
      const changes = await watch.changes(4);
      expect(changes.map(describeChange)).toEqual(['modified default/a', 'added default/b', 'deleted default/a', 'added default/a']);
      expect(changes.at(-1)?.revision).toBe(revisionOf(last));
      await watch.stop();
    });

    it('from now delivers nothing of the past', async () => {
      await createPod(storage(), 'old');
      const watch = open(await storage().currentRevision());
      await createPod(storage(), 'new');
      expect(describeChange(await watch.nextChange())).toBe('added default/new');
      await watch.stop();
    });

    it.each([['0'], [undefined]])('from %s begins with what is there and goes on with the changes', async (start) => {
      await createPod(storage(), 'b');
      await createPod(storage(), 'a');
      await caughtUp();
      const watch = open(start);
      const present = await watch.changes(2);
      await storage().delete(podKey('b'));
      expect(present.map(describeChange)).toEqual(['added default/b', 'added default/a']);
      expect(describeChange(await watch.nextChange())).toBe('deleted default/b');
      await watch.stop();
    });

    it('carries the state before on modified', async () => {
      const created = await createPod(storage(), 'web', { replicas: 1 });
      const watch = open(revisionOf(created));
      const updated = await setReplicas(storage(), 'web', 2);
      const { type, key, object, previous, revision } = await watch.nextChange();
      expect({ type, key, object, previous, revision }).toEqual({ type: 'modified', key: podKey('web'), object: updated, previous: created, revision: revisionOf(updated) });
      await watch.stop();
    });

    it('carries the last state with the revision of the deletion on deleted', async () => {
      const created = await createPod(storage(), 'web', { replicas: 1 });
      const watch = open(revisionOf(created));
      const removed = await storage().delete<TestPod>(podKey('web'));
      const event = await watch.nextChange();
      expect([event.type, event.key, event.revision]).toEqual(['deleted', podKey('web'), revisionOf(removed)]);
      expect(event.object).toEqual(removed);
      expect(isNewerRevision(event.revision, revisionOf(created))).toBe(true);
      await watch.stop();
    });

    it('keeps to its prefix', async () => {
      const watch = open(await storage().currentRevision(), `${podsPrefix}node-1/`);
      for (const name of ['node-10/web', 'node-1a/web', 'node-1/web']) await createPod(storage(), name);
      expect(describeChange(await watch.nextChange())).toBe('added node-1/web');
      await watch.stop();
    });

    it('fails with Compacted from a revision that is no longer kept', async () => {
      const old = revisionOf(await createPod(storage(), 'web'));
      const writes = 5 + (use().historySize ?? 0);
      for (let index = 0; index < writes; index += 1) await setReplicas(storage(), 'web', index);
      await use().compact(await storage().currentRevision());
      await caughtUp();
      await expect(open(old).next()).rejects.toSatisfy((error) => isStorageError(error, 'Compacted'));
    });

    it('that has seen everything survives a compaction', async () => {
      await createPod(storage(), 'web');
      const watch = open(await storage().currentRevision());
      const change = await setReplicas(storage(), 'web', 1);
      await watch.nextChange();
      await use().compact(revisionOf(change));
      await setReplicas(storage(), 'web', 2);
      expect(await watch.nextChange()).toMatchObject({ object: { spec: { replicas: 2 } } });
      await watch.stop();
    });

    it('fails with TooLargeResourceVersion from a revision that is not there yet', async () => {
      const future = `${await storage().currentRevision()}000`;
      await expect(open(future).next()).rejects.toSatisfy((error) => isStorageError(error, 'TooLargeResourceVersion'));
    });

    it('ends when its signal aborts, before and after events', async () => {
      const idle = open(await storage().currentRevision());
      await idle.stop();
      const busy = open(await storage().currentRevision());
      await createPod(storage(), 'web');
      await busy.nextChange();
      await busy.stop();
    });

    it('does not disturb others when it is not read or ends', async () => {
      const start = await storage().currentRevision();
      const [silent, ending, reading] = [open(start), open(start), open(start)];
      await createPod(storage(), 'a');
      await ending.stop();
      for (let index = 0; index < 50; index += 1) await setReplicas(storage(), 'a', index);
      expect(await reading.changes(51)).toHaveLength(51);
      expect(await silent.changes(51)).toHaveLength(51);
      await Promise.all([silent.stop(), reading.stop()]);
    });

    it('tells by a bookmark that the present has been delivered', async () => {
      const created = await createPod(storage(), 'web');
      const watch = new OpenWatch(storage(), podsPrefix, { bookmarks: true });
      await expect(watch.next()).resolves.toMatchObject({ type: 'added' });
      const bookmark = await watch.next();
      expect(bookmark.type).toBe('bookmark');
      expect(compareRevisions(bookmark.revision, revisionOf(created))).toBeGreaterThanOrEqual(0);
      await watch.stop();
    });
  });

  describe('list then watch', () => {
    it('misses nothing and doubles nothing under concurrent writers', async () => {
      const writers = Array.from({ length: 4 }, (_, writer) => churn(storage(), `writer-${writer}`, 15));
      const watches: { state: Map<string, TestPod>; watch: OpenWatch; start: string }[] = [];
      for (let index = 0; index < 4; index += 1) {
        const list = await storage().list<TestPod>(podsPrefix);
        const state = new Map(itemsOf(list).map((object) => [podKey(`${object.metadata.namespace}/${object.metadata.name}`), object]));
        watches.push({ state, start: list.resourceVersion, watch: open(list.resourceVersion) });
      }
      await Promise.all(writers);
      const end = await createPod(storage(), 'end');
      const truth = await storage().list<TestPod>(podsPrefix);
      for (const { state, start, watch } of watches) {
        const changes = await untilRevision(watch, revisionOf(end));
        expectAscending(changes, start);
        expect([...replay(state, changes).values()].sort(byName)).toEqual(itemsOf(truth).sort(byName));
        await watch.stop();
      }
    });

    it('shows all watches of a prefix the same changes', async () => {
      const start = await storage().currentRevision();
      const watches = [open(start), open(start), open(start)];
      await Promise.all([churn(storage(), 'x', 10), churn(storage(), 'y', 10)]);
      const end = revisionOf(await createPod(storage(), 'end'));
      const [first, ...others] = await Promise.all(watches.map((watch) => untilRevision(watch, end)));
      for (const other of others) expect(other).toEqual(first);
      await Promise.all(watches.map((watch) => watch.stop()));
    });
  });
}

function byName(left: TestPod, right: TestPod): number {
  return left.metadata.name < right.metadata.name ? -1 : 1;
}

async function churn(storage: Storage, name: string, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    await createPod(storage, name, { replicas: round });
    await setReplicas(storage, name, round + 1000);
    if (round < rounds - 1) await storage.delete(podKey(name));
  }
}

async function untilRevision(watch: OpenWatch, revision: string): Promise<PodChange[]> {
  const changes: PodChange[] = [];
  do changes.push(await watch.nextChange());
  while (changes.at(-1)?.revision !== revision);
  return changes;
}

function expectAscending(changes: readonly PodChange[], start: string): void {
  const revisions = [start, ...changes.map((change) => change.revision)];
  const steps = revisions.slice(1).map((revision, index) => compareRevisions(revision, revisions[index] ?? '0') > 0);
  expect(steps.every(Boolean)).toBe(true);
}
