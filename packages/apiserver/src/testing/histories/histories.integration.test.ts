import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isNewerRevision } from '../../storage/versioner.ts';
import { startEtcd } from '../../storage/testing/index.ts';
import type { TestEtcd } from '../../storage/testing/index.ts';
import { Follower } from './follower.ts';
import { counter, Ledger, write } from './writer.ts';
import type { Step } from './writer.ts';
import { World } from './world.ts';
import type { Note } from './world.ts';

type Disturbance = 'none' | 'compact' | 'restart' | 'compact and restart';

const step: fc.Arbitrary<Step> = fc.record({
  verb: fc.constantFrom('create' as const, 'create' as const, 'update' as const, 'patch' as const, 'delete' as const, 'increment' as const),
  name: fc.constantFrom('a', 'b', 'c'),
  even: fc.boolean(),
});
const history = fc.record({
  clients: fc.array(fc.array(step, { minLength: 5, maxLength: 25 }), { minLength: 2, maxLength: 4 }),
  disturbances: fc.array(fc.constantFrom<Disturbance>('none', 'none', 'compact', 'restart', 'compact and restart'), { maxLength: 3 }),
});

const timeLimitMs = 15_000;
const seed = Number(process.env['PODLING_TEST_SEED'] ?? Date.now() % 2 ** 31);

/** Everything a follower saw in one piece is all that happened, once and in order. */
function checkSegments(follower: Follower, ledger: Ledger, followsAll: boolean): void {
  expect(follower.complaints).toEqual([]);
  for (const { start, end, events } of follower.segments) {
    const written = events.filter(({ type }) => type !== 'DELETED');
    for (const { revision, text } of written) expect(ledger.acknowledged.get(revision) ?? text).toBe(text);
    if (!followsAll) continue;
    const seen = new Set(written.map(({ revision }) => revision));
    const missed = [...ledger.acknowledged.keys()].filter((revision) => isNewerRevision(revision, start) && !isNewerRevision(revision, end) && !seen.has(revision));
    expect(missed).toEqual([]);
  }
}

describe('any history over HTTP', () => {
  let etcd: TestEtcd;
  let runs = 0;

  beforeAll(async () => {
    etcd = await startEtcd();
  });
  afterAll(() => etcd.stop());

  async function disturb(world: World, disturbances: readonly Disturbance[]): Promise<void> {
    for (const disturbance of disturbances) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      if (disturbance.startsWith('compact')) await world.compact();
      if (disturbance.endsWith('restart')) await world.restart();
    }
  }

  async function finalList(world: World): Promise<{ items: Note[]; revision: string }> {
    const end = await world.send('POST', '', { metadata: { name: 'end', labels: { even: 'yes' } }, data: {} });
    expect(end.code).toBe(201);
    const { object } = await world.send('GET', '');
    const { items, metadata } = object as unknown as { items: Note[]; metadata: { resourceVersion: string } };
    expect(metadata.resourceVersion).toBe(end.object.metadata.resourceVersion);
    return { items, revision: metadata.resourceVersion };
  }

  it(`is told alike by lists and by every watch, and loses no update (seed ${seed})`, async () => {
    const property = fc.asyncProperty(history, async ({ clients, disturbances }) => {
      const ledger = new Ledger();
      const world = new World(etcd, `run-${(runs += 1)}`);
      await world.start();
      const namespace = new URL(world.url).pathname.split('/')[4];
      await fetch(`${new URL(world.url).origin}/api/v1/namespaces`, {
        method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ metadata: { name: namespace } }),
      });
      await world.send('POST', '', { metadata: { name: counter, labels: { even: 'no' } }, data: { n: '0' } });
      const even = new Follower(world, 'chunked', 'even=yes');
      const followers = [new Follower(world, 'chunked'), new Follower(world, 'websocket'), even];
      const running = followers.map((follower) => follower.run());
      try {
        await Promise.all([...clients.map((steps) => write(world, ledger, steps)), disturb(world, disturbances)]);
        const { items, revision } = await finalList(world);
        await Promise.all(followers.map((follower) => follower.reaches(revision)));
        for (const follower of followers) {
          const expected = follower === even ? items.filter(({ metadata }) => metadata.labels?.['even'] === 'yes') : items;
          expect([...follower.state.values()].toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))).toEqual(expected);
          checkSegments(follower, ledger, follower !== even);
        }
        const count = Number(items.find(({ metadata }) => metadata.name === counter)?.data?.['n']);
        expect(count).toBeGreaterThanOrEqual(ledger.increments);
        expect(count).toBeLessThanOrEqual(ledger.increments + ledger.unknownIncrements);
      } finally {
        for (const follower of followers) follower.stop();
        await world.stop();
        await Promise.all(running);
      }
    });
    await fc.assert(property, { seed, numRuns: 20, interruptAfterTimeLimit: timeLimitMs, endOnFailure: true });
  });
});
