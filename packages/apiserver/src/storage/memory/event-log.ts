import type { Change } from '../change.ts';
import type { StoredObject } from '../stored-object.ts';

export interface Entry {
  key: string;
  /** As they were written. */
  bytes: Buffer;
  stored: StoredObject;
  revision: number;
  lease?: Lease | undefined;
}

export interface Lease {
  cancel(): void;
}

export interface LoggedChange {
  revision: number;
  key: string;
  before: Entry | undefined;
  event: Change;
}

/**
 * The last changes, one per revision without gaps. What is older than `size` changes is compacted away, as etcd does
 * when it is told to.
 */
export class EventLog {
  readonly #size: number;
  #changes: LoggedChange[] = [];
  #compacted: number;

  constructor(size: number, startRevision: number) {
    this.#size = size;
    this.#compacted = startRevision;
  }

  /** State and changes before this revision are gone; the state at it is known. */
  get compactedRevision(): number {
    return this.#compacted;
  }

  append(change: LoggedChange): void {
    this.#changes.push(change);
    // Trimmed in bulk: removing the first element each time would move the whole array.
    if (this.#changes.length >= 2 * this.#size) this.compact(change.revision - this.#size);
  }

  compact(revision: number): void {
    if (revision <= this.#compacted) return;
    this.#changes = this.#changes.slice(revision - this.#compacted);
    this.#compacted = revision;
  }

  /** The change that came right after `revision`, if there is one. */
  after(revision: number): LoggedChange | undefined {
    return this.#changes[revision - this.#compacted];
  }

  /** The state at `revision`: `present` with all later changes undone. */
  rewind(present: ReadonlyMap<string, Entry>, revision: number): Map<string, Entry> {
    const state = new Map(present);
    for (const change of this.#changes.slice(revision - this.#compacted).reverse()) {
      if (change.before === undefined) state.delete(change.key);
      else state.set(change.key, change.before);
    }
    return state;
  }
}
