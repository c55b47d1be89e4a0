import type { KubeObject } from '@podling/shared/api';
import { StorageError } from '../errors.ts';
import type { Keyed } from '../page.ts';
import type { StorageEvent } from '../storage.ts';
import { isNewerRevision } from '../versioner.ts';

export type ChangeEvent = Exclude<StorageEvent<KubeObject>, { type: 'bookmark' }>;

/**
 * The present objects of one prefix and the last changes that led to them, from one uninterrupted sequence of changes.
 * When that sequence breaks, the cache is failed and another one takes its place.
 */
export class WatchCache {
  readonly #size: number;
  readonly #objects = new Map<string, KubeObject>();
  /** Sorted; always the keys of `#objects`. */
  #keys: string[] = [];
  readonly #ring: ChangeEvent[] = [];
  /** Position of the next change; the ring holds the `#size` positions before it. */
  #next = 0;
  #revision: string;
  /** Every change after this one is in the ring. */
  #oldestRevision: string;
  #failure: StorageError | undefined;

  constructor(size: number, present: readonly Keyed[], revision: string) {
    this.#size = size;
    for (const { key, object } of present) this.#objects.set(key, object);
    this.#keys = [...this.#objects.keys()].sort();
    this.#revision = revision;
    this.#oldestRevision = revision;
  }

  /** The last change that has come in, or a later revision up to which there was none. */
  get revision(): string {
    return this.#revision;
  }

  /** The position of the next change. */
  get end(): number {
    return this.#next;
  }

  get failure(): StorageError | undefined {
    return this.#failure;
  }

  fail(error: StorageError): void {
    this.#failure ??= error;
  }

  /** Takes in all changes of one revision, so that nobody sees a part of them. */
  apply(events: readonly ChangeEvent[]): void {
    for (const event of events) this.#apply(event);
    this.#revision = events.at(-1)?.revision ?? this.#revision;
  }

  /** There was no change up to `revision`. */
  advance(revision: string): void {
    if (isNewerRevision(this.#revision, revision)) return;
    this.#revision = revision;
  }

  /** The objects under `prefix` in key order. */
  entries(prefix: string): Keyed[] {
    const found: Keyed[] = [];
    for (let index = lowerBound(this.#keys, prefix); index < this.#keys.length; index += 1) {
      const key = this.#keys[index] ?? '';
      if (!key.startsWith(prefix)) break;
      const object = this.#objects.get(key);
      if (object !== undefined) found.push({ key, object });
    }
    return found;
  }

  /** Where a watch that knows everything up to `revision` goes on. Fails with `Compacted`. */
  positionAfter(revision: string): number {
    if (isNewerRevision(this.#oldestRevision, revision)) {
      throw new StorageError('Compacted', `revision ${revision} is too old, the oldest is ${this.#oldestRevision}`);
    }
    let low = Math.max(0, this.#next - this.#size);
    let high = this.#next;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isNewerRevision(this.#ring[middle % this.#size]?.revision ?? '0', revision)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** The change at `position`, undefined at the end. Fails with `SlowConsumer` when it has been overwritten. */
  at(position: number): ChangeEvent | undefined {
    if (position >= this.#next) return undefined;
    if (position < this.#next - this.#size) {
      throw new StorageError('SlowConsumer', `watch fell behind by more than ${this.#size} changes`);
    }
    return this.#ring[position % this.#size];
  }

  #apply(event: ChangeEvent): void {
    const before = this.#objects.get(event.key);
    // Our own object instead of one decoded anew: shared with the change before, and so are its encoded bytes.
    this.#append(event.type === 'modified' && before !== undefined ? withPrevious(event, before) : event);
    if (event.type === 'deleted') this.#remove(event.key);
    else this.#store(event.key, event.object, before === undefined);
  }

  #append(event: ChangeEvent): void {
    const overwritten = this.#ring[this.#next % this.#size];
    if (overwritten !== undefined) this.#oldestRevision = overwritten.revision;
    this.#ring[this.#next % this.#size] = event;
    this.#next += 1;
  }

  #store(key: string, object: KubeObject, isNew: boolean): void {
    this.#objects.set(key, object);
    if (isNew) this.#keys.splice(lowerBound(this.#keys, key), 0, key);
  }

  #remove(key: string): void {
    if (this.#objects.delete(key)) this.#keys.splice(lowerBound(this.#keys, key), 1);
  }
}

function withPrevious({ type, key, object, revision }: ChangeEvent & { type: 'modified' }, previous: KubeObject): ChangeEvent {
  return { type, key, object, previous, revision };
}

function lowerBound(sorted: readonly string[], wanted: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? '') < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
