import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Storage } from '../storage.ts';
import { itemsOf, OpenWatch, pod, podsPrefix } from './fixture.ts';
import type { PodChange, StorageFixture, TestPod } from './fixture.ts';

type Command = { verb: 'create' | 'set' | 'delete'; name: string; replicas: number };

interface Step {
  revision: string;
  change: string;
  /** What a list at this revision shows. */
  state: Record<string, number | undefined>;
}

const command: fc.Arbitrary<Command> = fc.record({
  verb: fc.constantFrom('create' as const, 'set' as const, 'set' as const, 'delete' as const),
  name: fc.constantFrom('a', 'a-b', 'a0', 'b'),
  replicas: fc.nat(2),
});

let runs = 0;

/** Random histories against a model that is a map: what was written is what every later read and watch says. */
export function describeModel(use: () => StorageFixture): void {
  describe('any history', () => {
    it('is told alike by the writes, the watch, the pages and the exact lists', async () => {
      const commands = fc.array(command, { minLength: 1, maxLength: 20 });
      const property = fc.asyncProperty(commands, fc.nat(), fc.integer({ min: 1, max: 3 }), async (history, pick, limit) => {
        runs += 1;
        const prefix = `${podsPrefix}run-${runs}/`;
        const start = await use().storage.currentRevision();
        const steps = await perform(use().storage, prefix, history);
        await checkWatch(use().storage, prefix, [{ revision: start, change: '', state: {} }, ...steps], pick);
        await checkLists(use().storage, prefix, steps, pick, limit);
      });
      await fc.assert(property, { numRuns: 25 });
    });
  });
}

async function perform(storage: Storage, prefix: string, history: readonly Command[]): Promise<Step[]> {
  const model = new Map<string, number>();
  const steps: Step[] = [];
  for (const entry of history) {
    const revision = await write(storage, prefix, entry).catch(() => undefined);
    const change = expectedChange(model, entry);
    expect(revision === undefined).toBe(change === undefined && !(entry.verb === 'set' && model.has(entry.name)));
    if (revision !== undefined && change !== undefined) steps.push({ revision, change, state: Object.fromEntries(model) });
  }
  return steps;
}

async function write(storage: Storage, prefix: string, { verb, name, replicas }: Command): Promise<string | undefined> {
  const key = prefix + name;
  if (verb === 'delete') return (await storage.delete<TestPod>(key)).metadata.resourceVersion;
  if (verb === 'create') return (await storage.create(key, pod(name, { replicas }))).metadata.resourceVersion;
  const updated = await storage.guaranteedUpdate<TestPod>(key, (current) => ({ ...current, spec: { replicas } }));
  return updated.metadata.resourceVersion;
}

/** Brings the model up to date; undefined when the command changes nothing. */
function expectedChange(model: Map<string, number>, { verb, name, replicas }: Command): string | undefined {
  const before = model.get(name);
  if (verb === 'create' ? before !== undefined : before === undefined) return undefined;
  if (verb === 'delete') {
    model.delete(name);
    return `deleted ${name} ${before}`;
  }
  if (verb === 'set' && before === replicas) return undefined;
  model.set(name, replicas);
  return verb === 'create' ? `added ${name} ${replicas}` : `modified ${name} ${replicas} was ${before}`;
}

async function checkWatch(storage: Storage, prefix: string, steps: readonly Step[], pick: number): Promise<void> {
  const from = pick % steps.length;
  const watch = new OpenWatch(storage, prefix, { resourceVersion: steps[from]?.revision ?? '' });
  const expected = steps.slice(from + 1);
  const changes = await watch.changes(expected.length);
  await watch.stop();
  expect(changes.map(({ revision }) => revision)).toEqual(expected.map(({ revision }) => revision));
  expect(changes.map(wording)).toEqual(expected.map(({ change }) => change));
}

function wording(change: PodChange): string {
  const { metadata, spec } = change.object;
  const was = change.type === 'modified' ? ` was ${change.previous?.spec.replicas}` : '';
  return `${change.type} ${metadata.name} ${spec.replicas}${was}`;
}

async function checkLists(storage: Storage, prefix: string, steps: readonly Step[], pick: number, limit: number): Promise<void> {
  const step = steps[pick % Math.max(steps.length, 1)];
  if (step === undefined) return;
  const { revision: resourceVersion, state } = step;
  const sorted = Object.entries(state).sort(([left], [right]) => (left < right ? -1 : 1));
  const seen: [string, number | undefined][] = [];
  let continueKey: string | undefined;
  do {
    const exact = { resourceVersion, resourceVersionMatch: 'Exact' as const, limit };
    const page = await storage.list<TestPod>(prefix, continueKey === undefined ? exact : { ...exact, continueKey });
    seen.push(...itemsOf(page).map(({ metadata, spec }): [string, number | undefined] => [metadata.name, spec.replicas]));
    continueKey = page.continueKey;
  } while (continueKey !== undefined);
  expect(seen).toEqual(sorted);
}
