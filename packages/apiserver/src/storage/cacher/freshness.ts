import type { Clock } from '@podling/shared/util';
import { Notifier } from '../notifier.ts';
import { isNewerRevision } from '../versioner.ts';

/** Kubernetes' figure: how long a read waits for the cache before it is answered otherwise. */
const patienceMs = 3000;
/** An answer may come from a member of the store that lags: it is asked again. */
const askAgainMs = 100;

/** Waits for a cache to reach a revision, and asks the store how far its watch is while somebody waits. */
export class Freshness {
  /** Told when the watch below is to say how far it is. */
  readonly wanted = new Notifier();
  readonly #clock: Clock;
  readonly #closed: AbortSignal;
  readonly #moved = new Notifier();
  #asked = false;

  constructor(clock: Clock, closed: AbortSignal) {
    this.#clock = clock;
    this.#closed = closed;
  }

  /** The cache has moved; `answered` when by a word about progress. */
  moved(answered: boolean): void {
    if (answered) this.#asked = false;
    this.#moved.notify();
  }

  /** Resolves to true once `current` has reached `revision`, to false after 3 s or at the end. */
  async reach(current: () => string | undefined, revision: string, signal = this.#closed): Promise<boolean> {
    const isThere = (): boolean => {
      const now = current();
      return now !== undefined && !isNewerRevision(revision, now);
    };
    if (isThere()) return true;
    const giveUp = new AbortController();
    const timer = this.#clock.setTimeout(() => giveUp.abort(), patienceMs);
    const over = AbortSignal.any([giveUp.signal, signal, this.#closed]);
    while (!isThere() && !over.aborted) await this.#wait(over);
    timer.cancel();
    return isThere();
  }

  async #wait(over: AbortSignal): Promise<void> {
    this.#ask();
    const timer = this.#clock.setTimeout(() => {
      this.#asked = false;
      this.#moved.notify();
    }, askAgainMs);
    await this.#moved.wait(over);
    timer.cancel();
  }

  #ask(): void {
    if (this.#asked) return;
    this.#asked = true;
    this.wanted.notify();
  }
}
