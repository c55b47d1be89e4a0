interface Waiter {
  enter: () => void;
}

/** Lets so many pulls run at once, in the order they came. Upstream twin: kubelet's serial and parallel image pullers. */
export class PullGate {
  readonly #limit: number;
  readonly #waiting: Waiter[] = [];
  #running = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Waits for its turn; whoever aborts leaves the row. */
  async run<T>(pull: () => Promise<T>, signal: AbortSignal): Promise<T> {
    await this.#enter(signal);
    try {
      return await pull();
    } finally {
      this.#running -= 1;
      this.#next();
    }
  }

  #enter(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        reject(signal.reason as Error);
      };
      const waiter = { enter: () => {
        signal.removeEventListener('abort', leave);
        resolve();
      } };
      signal.addEventListener('abort', leave, { once: true });
      this.#waiting.push(waiter);
      this.#next();
    });
  }

  #next(): void {
    if (this.#running >= this.#limit) return;
    const next = this.#waiting.shift();
    if (next === undefined) return;
    this.#running += 1;
    next.enter();
  }
}
