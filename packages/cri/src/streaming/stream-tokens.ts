import { randomBytes } from 'node:crypto';
import type { Clock } from '@podling/shared/util';
import { CriError } from '../cri.ts';

/** As other runtimes have it. */
const TTL_MS = 60_000;
const MAX_WAITING = 1_000;

/** What was asked for and not fetched yet, each under a name that cannot be guessed and is good once. */
export class StreamTokens<Request> {
  readonly #clock: Clock;
  readonly #waiting = new Map<string, { request: Request; until: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Fails with `Unavailable` when too much is waiting. */
  put(request: Request): string {
    this.#forgetLate();
    if (this.#waiting.size >= MAX_WAITING) throw new CriError('Unavailable', `${MAX_WAITING} streams are asked for and not fetched: try again in a minute`);
    const token = randomBytes(16).toString('base64url');
    this.#waiting.set(token, { request, until: this.#clock.monotonic() + TTL_MS });
    return token;
  }

  take(token: string): Request | undefined {
    this.#forgetLate();
    const request = this.#waiting.get(token)?.request;
    this.#waiting.delete(token);
    return request;
  }

  /** The oldest come first. */
  #forgetLate(): void {
    const now = this.#clock.monotonic();
    for (const [token, { until }] of this.#waiting) {
      if (until > now) return;
      this.#waiting.delete(token);
    }
  }
}
