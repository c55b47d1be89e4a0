import type { WorkQueue } from './work-queue.ts';

/** The `WorkQueue` in memory. */
export class FifoWorkQueue<K> implements WorkQueue<K> {
  /** Keys that wait, in order: a Set keeps insertion order and holds each key once. */
  readonly #waiting = new Set<K>();
  readonly #processing = new Set<K>();
  /** Keys added while being worked on. */
  readonly #again = new Set<K>();
  readonly #getters: ((key: K | undefined) => void)[] = [];
  #shuttingDown = false;

  get length(): number {
    return this.#waiting.size;
  }

  protected get shuttingDown(): boolean {
    return this.#shuttingDown;
  }

  add(key: K): void {
    if (this.#shuttingDown) return;
    if (this.#processing.has(key)) this.#again.add(key);
    else this.#enqueue(key);
  }

  get(): Promise<K | undefined> {
    const key = this.#take();
    if (key !== undefined) return Promise.resolve(key);
    if (this.#shuttingDown) return Promise.resolve(undefined);
    return new Promise((resolve) => this.#getters.push(resolve));
  }

  done(key: K): void {
    if (!this.#processing.delete(key)) return;
    if (this.#again.delete(key)) this.#enqueue(key);
  }

  shutDown(): void {
    this.#shuttingDown = true;
    for (const resolve of this.#getters.splice(0)) resolve(undefined);
  }

  #enqueue(key: K): void {
    this.#waiting.add(key);
    const getter = this.#getters.shift();
    if (getter !== undefined) getter(this.#take());
  }

  #take(): K | undefined {
    const { value: key, done } = this.#waiting.values().next();
    if (done === true) return undefined;
    this.#waiting.delete(key);
    this.#processing.add(key);
    return key;
  }
}
