import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ConfigMap } from '@podling/shared/api';
import { FakeClock } from '@podling/shared/testing';
import { createLogger } from '@podling/shared/util';
import { ObjectCache } from './object-cache.ts';
import type { RegistryStore } from './registry-store.ts';

type Change = { type: 'added' | 'modified' | 'deleted'; object: ConfigMap };

const object = (name: string, group?: string): ConfigMap => ({ metadata: { name, namespace: 'default', ...(group === undefined ? {} : { labels: { group } }) } });

describe('the object cache', () => {
  let changes: ((change: Change | Error) => void) | undefined;
  let reads: string[];
  let cache: ObjectCache<ConfigMap>;
  let clock: FakeClock;

  async function* watch(signal: AbortSignal): AsyncIterable<Change> {
    const waiting: (Change | Error)[] = [];
    let wake = (): void => undefined;
    changes = (change) => { waiting.push(change); wake(); };
    signal.addEventListener('abort', () => wake());
    while (!signal.aborted) {
      const change = waiting.shift();
      if (change instanceof Error) throw change;
      if (change) yield change;
      else await new Promise<void>((resolve) => { wake = resolve; });
    }
  }

  beforeEach(() => {
    reads = [];
    clock = new FakeClock();
    const store = {
      strategy: { kind: { resource: 'configmaps' } },
      get: async (_namespace: string, name: string) => { reads.push(name); return object(name); },
      watch: (_namespace: string, { signal }: { signal: AbortSignal }) => watch(signal),
    } as unknown as RegistryStore<ConfigMap>;
    cache = new ObjectCache({ store, indexBy: ({ metadata }) => metadata.labels?.['group'], clock, logger: createLogger('test', 'silent') });
    cache.start();
  });
  afterEach(() => cache.stop());

  const sent = async (change: Change | Error): Promise<void> => {
    await vi.waitFor(() => expect(changes).toBeDefined());
    changes?.(change);
    await new Promise((resolve) => setImmediate(resolve));
  };
  const members = (group: string): string[] => [...cache.byIndex(group)].map(({ metadata }) => metadata.name);

  it('answers from memory, and from the store what it does not have', async () => {
    await sent({ type: 'added', object: object('known') });
    expect([(await cache.get('default', 'known')).metadata.name, (await cache.get('default', 'new')).metadata.name, reads]).toEqual(['known', 'new', ['new']]);
  });

  it('keeps its index when objects change their group and go', async () => {
    await sent({ type: 'added', object: object('a', 'one') });
    await sent({ type: 'added', object: object('b', 'one') });
    await sent({ type: 'modified', object: object('a', 'two') });
    expect([members('one'), members('two')]).toEqual([['b'], ['a']]);
    await sent({ type: 'deleted', object: object('a', 'two') });
    expect([members('one'), members('two'), cache.peek('default', 'a')]).toEqual([['b'], [], undefined]);
  });

  it('has nothing while its watch is down, and comes back', async () => {
    await sent({ type: 'added', object: object('a', 'one') });
    await sent(new Error('connection reset'));
    expect([cache.peek('default', 'a'), members('one')]).toEqual([undefined, []]);
    changes = undefined;
    await clock.advance(1000);
    await sent({ type: 'added', object: object('a', 'one') });
    expect(members('one')).toEqual(['a']);
  });
});
