import type { KubeObject } from '@podling/shared/api';
import type { Change } from '../storage/change.ts';
import type { Framing, WatchEventType } from './encode.ts';

interface Joined {
  framing: Framing;
  first: Change;
  last: Change;
  count: number;
  bytes: Buffer;
}

/** Watchers that keep up are all at the same few places. */
const remembered = 8;
const recent: Joined[] = [];
let oldest = 0;

/**
 * The events that one write carries. Watchers without a selector that are at the same place share the joined bytes: all
 * changes under a prefix between two of them are known by the first, the last and their number.
 */
export class WatchBatch {
  readonly #framing: Framing;
  #parts: Buffer[] = [];
  #bytes = 0;
  /** Present while the batch holds nothing but whole changes as they are. */
  #plain: Change[] | undefined = [];

  constructor(framing: Framing) {
    this.#framing = framing;
  }

  /** Bytes of the objects so far, without their frames. */
  get size(): number {
    return this.#bytes;
  }

  /** A change for a watcher that gets every one of them, as it is. */
  addChange(change: Change): void {
    if (this.#plain === undefined) return this.add(eventTypeOf[change.type], change.stored.json);
    this.#plain.push(change);
    this.#bytes += change.stored.json.length;
  }

  add(type: WatchEventType, json: Buffer): void {
    this.#flatten();
    this.#framing.frame(this.#parts, type, json);
    this.#bytes += json.length;
  }

  /** All bytes, undefined if there are none; the batch is empty again. */
  take(): Buffer | undefined {
    const plain = this.#plain ?? [];
    const bytes = plain.length > 0 ? joined(this.#framing, plain) : this.#parts.length > 0 ? Buffer.concat(this.#parts) : undefined;
    this.#parts = [];
    this.#plain = [];
    this.#bytes = 0;
    return bytes;
  }

  #flatten(): void {
    for (const { type, stored } of this.#plain ?? []) this.#framing.frame(this.#parts, eventTypeOf[type], stored.json);
    this.#plain = undefined;
  }
}

export const eventTypeOf = { added: 'ADDED', modified: 'MODIFIED', deleted: 'DELETED' } as const;

function joined(framing: Framing, changes: readonly Change<KubeObject>[]): Buffer {
  const [first] = changes;
  const last = changes.at(-1);
  const count = changes.length;
  const known = recent.find((each) => each.first === first && each.last === last && each.count === count && each.framing === framing);
  if (known !== undefined) return known.bytes;
  const parts: Buffer[] = [];
  for (const { type, stored } of changes) framing.frame(parts, eventTypeOf[type], stored.json);
  const bytes = Buffer.concat(parts);
  if (first !== undefined && last !== undefined) recent[oldest] = { framing, first, last, count, bytes };
  oldest = (oldest + 1) % remembered;
  return bytes;
}
