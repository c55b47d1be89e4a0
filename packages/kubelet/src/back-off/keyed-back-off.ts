import type { Clock } from '@podling/shared/util';

export interface KeyedBackOffOptions {
  clock: Clock;
  initialMs: number;
  maxMs: number;
  /** A key that was quiet for longer starts over. Default twice `maxMs`. */
  quietMs?: number;
}

interface Entry {
  delayMs: number;
  updatedMs: number;
}

/**
 * Back-off per key, in moments of the monotonic clock: the first failure costs `initialMs`, each later one twice the last, up to `maxMs`.
 * A key that was quiet for `quietMs` starts over. Keys begin with the pod's UID so that `forget` drops a pod whole.
 * Upstream twin: client-go `flowcontrol.Backoff`.
 */
export class KeyedBackOff {
  readonly #clock: Clock;
  readonly #initialMs: number;
  readonly #maxMs: number;
  readonly #quietMs: number;
  readonly #entries = new Map<string, Entry>();

  constructor({ clock, initialMs, maxMs, quietMs = 2 * maxMs }: KeyedBackOffOptions) {
    this.#clock = clock;
    this.#initialMs = Math.min(initialMs, maxMs);
    this.#maxMs = maxMs;
    this.#quietMs = quietMs;
  }

  /** Records one more failure, which happened at `eventMs`. */
  next(key: string, eventMs = this.#clock.monotonic()): void {
    const entry = this.#entries.get(key);
    const fresh = entry === undefined || this.#expired(entry, eventMs);
    const delayMs = fresh ? this.#initialMs : Math.min(entry.delayMs * 2, this.#maxMs);
    this.#entries.set(key, { delayMs, updatedMs: this.#clock.monotonic() });
  }

  /** The time until which the key must wait, counted from `sinceMs` (default: the last `next`); 0 = free. */
  blockedUntil(key: string, sinceMs?: number): number {
    const entry = this.#entries.get(key);
    if (entry === undefined) return 0;
    const since = sinceMs ?? entry.updatedMs;
    if (this.#expired(entry, since)) return 0;
    const until = since + entry.delayMs;
    return until > this.#clock.monotonic() ? until : 0;
  }

  delayMs(key: string): number {
    return this.#entries.get(key)?.delayMs ?? 0;
  }

  reset(key: string): void {
    this.#entries.delete(key);
  }

  forget(prefix: string): void {
    for (const key of this.#entries.keys()) if (key.startsWith(prefix)) this.#entries.delete(key);
  }

  #expired(entry: Entry, eventMs: number): boolean {
    return eventMs - entry.updatedMs > this.#quietMs;
  }
}
