/** Lets so many pieces of work go on at once; the others wait in the order they came. */
export class Turns {
  #free: number;
  readonly #waiting = new Set<() => void>();

  /** `count` may be infinite. */
  constructor(count: number) {
    this.#free = count;
  }

  /** Who aborts while waiting leaves the row: fails with the signal's reason, and `work` is not begun. */
  async take<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    await this.#enter(signal);
    try {
      return await work();
    } finally {
      this.#next();
    }
  }

  async #enter(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const leave = (): void => {
      if (this.#waiting.delete(resolve)) reject(signal?.reason);
    };
    this.#waiting.add(resolve);
    signal?.addEventListener('abort', leave, { once: true });
    await promise.finally(() => signal?.removeEventListener('abort', leave));
  }

  #next(): void {
    const [next] = this.#waiting;
    if (next === undefined) this.#free += 1;
    else if (this.#waiting.delete(next)) next();
  }
}
