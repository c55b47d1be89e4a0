import type { Clock } from '@podling/shared/util';

interface Entry<Value> {
  value: Value;
  expiresAtMs: number;
}

/** Answers that hold for a while. At most `capacity` are kept, the oldest go first; who asks meanwhile shares the question. */
export class ExpiringCache<Value> {
  readonly #clock: Clock;
  readonly #capacity: number;
  readonly #entries = new Map<string, Entry<Value>>();
  readonly #loading = new Map<string, Promise<Value>>();

  constructor({ clock, capacity }: { clock: Clock; capacity: number }) {
    this.#clock = clock;
    this.#capacity = capacity;
  }

  /** A failure to load is not kept. */
  get(key: string, load: () => Promise<Value>, ttlMs: (value: Value) => number): Promise<Value> {
    const known = this.#entries.get(key);
    if (known && known.expiresAtMs > this.#clock.monotonic()) return Promise.resolve(known.value);
    const loading = this.#loading.get(key) ?? this.#load(key, load, ttlMs).finally(() => this.#loading.delete(key));
    this.#loading.set(key, loading);
    return loading;
  }

  async #load(key: string, load: () => Promise<Value>, ttlMs: (value: Value) => number): Promise<Value> {
    const value = await load();
    this.#entries.delete(key);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size >= this.#capacity && oldest !== undefined) this.#entries.delete(oldest);
    this.#entries.set(key, { value, expiresAtMs: this.#clock.monotonic() + ttlMs(value) });
    return value;
  }
}
