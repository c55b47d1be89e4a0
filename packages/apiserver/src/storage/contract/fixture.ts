import type { KubeObject } from '@podling/shared/api';
import type { Change } from '../change.ts';
import type { Storage, StorageEvent, StorageList, StorageWatchOptions } from '../storage.ts';

/** One fresh, empty store under `podsPrefix` and what the suite needs to disturb it. */
export interface StorageFixture {
  storage: Storage;
  /** Makes the store forget its history before `revision`. */
  compact(revision: string): Promise<void>;
  /** For a store that keeps a number of changes in spite of a compaction. Default 0. */
  historySize?: number;
  /** Closes the store and removes what was made for it. */
  stop(): Promise<void>;
}

export type CreateFixture = () => Promise<StorageFixture>;

/** Every key of the suite lies under this prefix, so that it also fits a cache of one resource. */
export const podsPrefix = '/registry/pods/';

export interface TestPod extends KubeObject {
  spec: { nodeName?: string; replicas?: number; payload?: string };
}

export type PodEvent = StorageEvent<TestPod>;
export type PodChange = Change<TestPod>;

export function pod(name: string, spec: TestPod['spec'] = {}): TestPod {
  const [namespace = '', bare = name] = name.includes('/') ? name.split('/') : ['default', name];
  return { apiVersion: 'v1', kind: 'Pod', metadata: { namespace, name: bare }, spec } as TestPod;
}

/** `pod('default/web')` lives at `podKey('default/web')`. */
export function podKey(name: string): string {
  return podsPrefix + (name.includes('/') ? name : `default/${name}`);
}

export async function createPod(storage: Storage, name: string, spec?: TestPod['spec']): Promise<TestPod> {
  return storage.create(podKey(name), pod(name, spec));
}

export async function setReplicas(storage: Storage, name: string, replicas: number): Promise<TestPod> {
  return storage.guaranteedUpdate<TestPod>(podKey(name), (current) => ({ ...current, spec: { ...current.spec, replicas } }));
}

export function revisionOf(object: TestPod): string {
  const revision = object.metadata.resourceVersion;
  if (revision === undefined) throw new Error('object without resourceVersion');
  return revision;
}

/** A started watch: the first `next()` has been called, so nothing after `openWatch` can be missed. */
export class OpenWatch {
  readonly #abort = new AbortController();
  readonly #iterator: AsyncIterator<PodEvent>;
  #pending: Promise<IteratorResult<PodEvent>> | undefined;

  constructor(storage: Storage, prefix: string, options: Omit<StorageWatchOptions, 'signal'>) {
    const events = storage.watch<TestPod>(prefix, { ...options, signal: this.#abort.signal });
    this.#iterator = events[Symbol.asyncIterator]();
    this.#pending = this.#iterator.next();
    // A failure belongs to whoever asks for the event.
    this.#pending.catch(() => undefined);
  }

  async next(): Promise<PodEvent> {
    const result = await this.result();
    if (result.done === true) throw new Error('the watch ended');
    return result.value;
  }

  async nextChange(): Promise<PodChange> {
    for (;;) {
      const event = await this.next();
      if (event.type !== 'bookmark') return event;
    }
  }

  async changes(count: number): Promise<PodChange[]> {
    const seen: PodChange[] = [];
    while (seen.length < count) seen.push(await this.nextChange());
    return seen;
  }

  result(): Promise<IteratorResult<PodEvent>> {
    const result = this.#pending ?? this.#iterator.next();
    this.#pending = undefined;
    return result;
  }

  /** Ends the watch by its signal and gives what the iteration said. */
  async stop(): Promise<void> {
    this.#abort.abort();
    for (;;) {
      const result = await this.result();
      if (result.done === true) return;
    }
  }
}

export function itemsOf(list: StorageList<TestPod>): TestPod[] {
  return list.stored.map(({ object }) => object);
}

export function describeChange(change: PodChange): string {
  return `${change.type} ${change.key.slice(podsPrefix.length)}`;
}

/** Applies changes to a map as an informer would. */
export function replay(state: Map<string, TestPod>, changes: readonly PodChange[]): Map<string, TestPod> {
  for (const change of changes) {
    if (change.type === 'deleted') state.delete(change.key);
    else state.set(change.key, change.object);
  }
  return state;
}
