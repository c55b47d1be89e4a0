import type { ImageService } from '@podling/cri';

interface Pull {
  done: Promise<string>;
  waiters: number;
  abort: AbortController;
}

/** One pull per image at a time, however many pods ask; it is given up when the last of them has left. */
export class SharedPulls {
  readonly #images: ImageService;
  readonly #pulls = new Map<string, Pull>();

  constructor(images: ImageService) {
    this.#images = images;
  }

  async pull(reference: string, signal: AbortSignal): Promise<string> {
    signal.throwIfAborted();
    const pull = this.#pulls.get(reference) ?? this.#start(reference);
    pull.waiters += 1;
    try {
      return await Promise.race([pull.done, rejectOnAbort(signal)]);
    } finally {
      pull.waiters -= 1;
      if (pull.waiters === 0) this.#giveUp(reference, pull, signal);
    }
  }

  /** Who comes from now on gets a pull of its own. */
  #giveUp(reference: string, pull: Pull, signal: AbortSignal): void {
    this.#forget(reference, pull);
    pull.abort.abort(signal.reason);
  }

  #forget(reference: string, pull: Pull): void {
    if (this.#pulls.get(reference) === pull) this.#pulls.delete(reference);
  }

  #start(reference: string): Pull {
    const abort = new AbortController();
    const pull: Pull = { done: this.#images.pullImage(reference, { signal: abort.signal }), waiters: 0, abort };
    this.#pulls.set(reference, pull);
    pull.done.catch(() => undefined).finally(() => this.#forget(reference, pull));
    return pull;
  }
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}
