interface Waiter<T> {
  resolve: (result: IteratorResult<T, undefined>) => void;
  reject: (error: unknown) => void;
}

type Ending = { failed: false } | { failed: true; error: unknown };

/**
 * A queue between callbacks and one `for await` loop.
 *
 * Promises: items come out in the order they went in; after `end` or `fail` those already queued still come out, then
 * the iteration ends or throws. A second `end` or `fail` is ignored, and so is a `push` after it.
 */
export class AsyncQueue<T> implements AsyncIterable<T> {
  readonly #capacity: number;
  #items: T[] = [];
  #head = 0;
  readonly #waiters: Waiter<T>[] = [];
  #ending: Ending | undefined;

  /** `capacity`: how many items may wait. Default: no limit. */
  constructor(options: { capacity?: number } = {}) {
    this.#capacity = options.capacity ?? Number.POSITIVE_INFINITY;
  }

  get length(): number {
    return this.#items.length - this.#head;
  }

  get ended(): boolean {
    return this.#ending !== undefined;
  }

  /** False when the queue is full or has ended: the item is dropped. */
  push(item: T): boolean {
    if (this.#ending !== undefined) return false;
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) {
      waiter.resolve({ done: false, value: item });
      return true;
    }
    if (this.length >= this.#capacity) return false;
    this.#items.push(item);
    return true;
  }

  end(): void {
    this.#finish({ failed: false });
  }

  fail(error: unknown): void {
    this.#finish({ failed: true, error });
  }

  /** Ends at once and drops what is queued. */
  discard(): void {
    this.#items = [];
    this.#head = 0;
    this.#ending = { failed: false };
    this.#releaseWaiters();
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.length > 0) return Promise.resolve({ done: false, value: this.#take() });
    if (this.#ending?.failed) {
      const { error } = this.#ending;
      this.#ending = { failed: false };
      return Promise.reject(error);
    }
    if (this.#ending !== undefined) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    return {
      next: () => this.next(),
      return: () => {
        this.discard();
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }

  #take(): T {
    const item = this.#items[this.#head] as T;
    this.#head += 1;
    if (this.#head === this.#items.length || this.#head > 1024) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  #finish(ending: Ending): void {
    if (this.#ending !== undefined) return;
    this.#ending = ending;
    this.#releaseWaiters();
  }

  #releaseWaiters(): void {
    for (const { resolve, reject } of this.#waiters.splice(0)) {
      if (this.#ending?.failed) {
        reject(this.#ending.error);
        this.#ending = { failed: false };
      } else {
        resolve({ done: true, value: undefined });
      }
    }
  }
}
