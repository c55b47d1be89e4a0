import type { Clock } from '@podling/shared/util';
import { prefixEnd } from '../keys.ts';
import { Change } from '../change.ts';
import type { StorageError } from '../errors.ts';
import { lowerBound } from '../page.ts';
import type { StoredObject } from '../stored-object.ts';
import { isNewerRevision } from '../versioner.ts';
import { ChangeRing } from './change-ring.ts';
import type { ChangeRingLimits } from './change-ring.ts';

export interface WatchCacheOptions extends ChangeRingLimits {
  clock: Clock;
}

/** Part of the present objects, in key order. Nobody changes `entries` any more. */
export interface Snapshot {
  entries: readonly StoredObject[];
  start: number;
  end: number;
}

/**
 * The present objects of one prefix and the last changes that led to them, from one uninterrupted sequence of changes.
 * When that sequence breaks, the cache is failed and another one takes its place.
 */
export class WatchCache {
  readonly #objects = new Map<string, StoredObject>();
  /** In key order; always the values of `#objects`. */
  #sorted: StoredObject[];
  /** Whether somebody reads `#sorted`: the next change of it works on a copy. */
  #handedOut = false;
  readonly #ring: ChangeRing;
  #revision: string;
  #failure: StorageError | undefined;

  constructor(options: WatchCacheOptions, present: readonly StoredObject[], revision: string) {
    this.#sorted = [...present].sort((left, right) => (left.key < right.key ? -1 : 1));
    for (const entry of this.#sorted) this.#objects.set(entry.key, entry);
    this.#ring = new ChangeRing(options.clock, options, revision);
    this.#revision = revision;
  }

  /** The last change that has come in, or a later revision up to which there was none. */
  get revision(): string {
    return this.#revision;
  }

  /** The position of the next change. */
  get end(): number {
    return this.#ring.end;
  }

  get failure(): StorageError | undefined {
    return this.#failure;
  }

  fail(error: StorageError): void {
    this.#failure ??= error;
  }

  /** Takes in all changes of one revision, so that nobody sees a part of them. */
  apply(changes: readonly Change[]): void {
    for (const change of changes) this.#apply(change);
    this.#revision = changes.at(-1)?.revision ?? this.#revision;
  }

  /** There was no change up to `revision`. */
  advance(revision: string): void {
    if (isNewerRevision(this.#revision, revision)) return;
    this.#revision = revision;
  }

  get(key: string): StoredObject | undefined {
    return this.#objects.get(key);
  }

  /** The objects under `prefix`; costs the same for any number of them. */
  under(prefix: string): Snapshot {
    this.#handedOut = true;
    return { entries: this.#sorted, start: lowerBound(this.#sorted, prefix), end: lowerBound(this.#sorted, prefixEnd(prefix)) };
  }

  /** Where a watch that knows everything up to `revision` goes on. Fails with `Compacted`. */
  positionAfter(revision: string): number {
    return this.#ring.positionAfter(revision);
  }

  /** The change at `position`, undefined at the end. Fails with `SlowConsumer` when it is no longer kept. */
  at(position: number): Change | undefined {
    return this.#ring.at(position);
  }

  #apply(change: Change): void {
    const before = this.#objects.get(change.key);
    // Our own state before instead of one made anew: its bytes, and what it was decoded to, are there already.
    this.#ring.append(change.type === 'modified' && before !== undefined ? new Change('modified', change.stored, { before }) : change);
    if (change.type === 'deleted') this.#remove(change.key);
    else this.#store(change.stored, before === undefined);
  }

  #store(entry: StoredObject, isNew: boolean): void {
    this.#objects.set(entry.key, entry);
    const sorted = this.#writable();
    sorted.splice(lowerBound(sorted, entry.key), isNew ? 0 : 1, entry);
  }

  #remove(key: string): void {
    if (!this.#objects.delete(key)) return;
    const sorted = this.#writable();
    sorted.splice(lowerBound(sorted, key), 1);
  }

  #writable(): StoredObject[] {
    if (this.#handedOut) this.#sorted = this.#sorted.slice();
    this.#handedOut = false;
    return this.#sorted;
  }
}
