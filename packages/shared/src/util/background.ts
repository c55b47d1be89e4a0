/** Work that goes on beside everything else, from `start` until `stop`. */
export class Background {
  readonly #whose: string;
  readonly #work: () => Promise<void>;
  readonly #ending = new AbortController();
  #running: Promise<void> = Promise.resolve();

  /** `work` looks at `signal` and ends soon after it aborts; `whose` is who the signal says stops: `the kubelet`. */
  constructor(whose: string, work: () => Promise<void>) {
    this.#whose = whose;
    this.#work = work;
  }

  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  start(): void {
    this.#running = this.#work();
  }

  /** Aborts the signal at once, and resolves when the work has ended. */
  async stop(): Promise<void> {
    this.#ending.abort(new Error(`${this.#whose} stops`));
    await this.#running;
  }
}
