import type { Clock } from '@podling/shared/util';
import type { Change } from '../change.ts';
import { StorageError } from '../errors.ts';
import { isNewerRevision } from '../versioner.ts';

export interface ChangeRingLimits {
  /** Changes kept at most. */
  historySize: number;
  /** Their bytes at most. */
  historyBytes: number;
}

interface Kept {
  change: Change;
  atMs: number;
}

/** Kubernetes' figures: what is younger is kept while there is room, and some in any case. */
const freshMs = 75_000;
const keptAlways = 100;
/** Watches that keep up are this near to the end: only there are objects worth keeping decoded. */
const nearEnd = 64;
const compactAt = 1024;

/**
 * The last changes of one resource, by position: as many as clients need who resume within 75 s, bounded by number and by
 * bytes. An idle resource keeps a hundred.
 */
export class ChangeRing {
  readonly #clock: Clock;
  readonly #limits: ChangeRingLimits;
  #kept: (Kept | undefined)[] = [];
  /** Index of the oldest in `#kept`; what is before it has been dropped. */
  #head = 0;
  /** Position of the oldest. */
  #first = 0;
  #bytes = 0;
  /** Every change after this one is kept. */
  #oldestRevision: string;

  constructor(clock: Clock, limits: ChangeRingLimits, revision: string) {
    this.#clock = clock;
    this.#limits = limits;
    this.#oldestRevision = revision;
  }

  /** The position of the next change. */
  get end(): number {
    return this.#first + this.#kept.length - this.#head;
  }

  append(change: Change): void {
    this.#kept.push({ change, atMs: this.#clock.now() });
    this.#bytes += change.stored.json.length;
    while (this.#mustDrop()) this.#drop();
    this.#forgetDecoded();
  }

  /** Fails with `Compacted` when changes after `revision` have been dropped. */
  positionAfter(revision: string): number {
    if (isNewerRevision(this.#oldestRevision, revision)) {
      throw new StorageError('Compacted', `revision ${revision} is too old, the oldest is ${this.#oldestRevision}`);
    }
    let low = this.#head;
    let high = this.#kept.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isNewerRevision(this.#kept[middle]?.change.revision ?? '0', revision)) high = middle;
      else low = middle + 1;
    }
    return this.#first + low - this.#head;
  }

  /** Undefined at the end. Fails with `SlowConsumer` when it has been dropped. */
  at(position: number): Change | undefined {
    if (position >= this.#first) return this.#kept[this.#head + position - this.#first]?.change;
    throw new StorageError('SlowConsumer', `the watch fell behind by ${this.end - position} changes`);
  }

  #mustDrop(): boolean {
    const count = this.#kept.length - this.#head;
    const { historySize, historyBytes } = this.#limits;
    if (count > historySize || this.#bytes > historyBytes) return count > 1;
    const oldest = this.#kept[this.#head];
    return count > keptAlways && oldest !== undefined && this.#clock.now() - oldest.atMs > freshMs;
  }

  #drop(): void {
    const oldest = this.#kept[this.#head]?.change;
    if (oldest === undefined) return;
    this.#bytes -= oldest.stored.json.length;
    this.#oldestRevision = oldest.revision;
    this.#kept[this.#head] = undefined;
    this.#head += 1;
    this.#first += 1;
    if (this.#head < compactAt || this.#head * 2 < this.#kept.length) return;
    this.#kept = this.#kept.slice(this.#head);
    this.#head = 0;
  }

  /** What is in the snapshot stays decoded; states that are past are decoded again for the few who still ask. */
  #forgetDecoded(): void {
    const change = this.#kept[this.#kept.length - nearEnd]?.change;
    change?.before?.forget();
    if (change?.type === 'deleted') change.stored.forget();
  }
}
