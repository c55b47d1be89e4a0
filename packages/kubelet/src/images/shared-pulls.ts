import { createHash } from 'node:crypto';
import { CriError, type ImageService } from '@podling/cri';
import { Turns, unlessAborted, type Clock } from '@podling/shared/util';
import type { PullCredential } from './docker-config.ts';

export interface SharedPullsOptions {
  images: Pick<ImageService, 'pullImage'>;
  clock: Clock;
  /** How many pulls run at once. */
  limit: number;
}

export interface PullResult {
  /** The wait for its turn not included. */
  tookMs: number;
  imageId: string;
  /** Undefined: it took none. */
  used: PullCredential | undefined;
}

interface Pull {
  done: Promise<PullResult>;
  waiters: number;
  abort: AbortController;
}

/**
 * One pull per image and credentials at a time, however many pods ask; it is given up when the last of them has left.
 * Who has other credentials must show that they are good ones.
 * Upstream twins: kubelet's serial and parallel image pullers.
 */
export class SharedPulls {
  readonly #options: SharedPullsOptions;
  readonly #turns: Turns;
  readonly #pulls = new Map<string, Pull>();

  constructor(options: SharedPullsOptions) {
    this.#options = options;
    this.#turns = new Turns(options.limit);
  }

  async pull(reference: string, credentials: readonly PullCredential[], signal: AbortSignal): Promise<PullResult> {
    signal.throwIfAborted();
    const key = `${reference} ${createHash('sha256').update(JSON.stringify(credentials.map(({ auth }) => auth))).digest('hex')}`;
    const pull = this.#pulls.get(key) ?? this.#start(key, reference, credentials);
    pull.waiters += 1;
    try {
      return await unlessAborted(pull.done, signal);
    } finally {
      pull.waiters -= 1;
      if (pull.waiters === 0) this.#giveUp(key, pull, signal);
    }
  }

  /** Who comes from now on gets a pull of its own. */
  #giveUp(key: string, pull: Pull, signal: AbortSignal): void {
    this.#forget(key, pull);
    pull.abort.abort(signal.reason);
  }

  #forget(key: string, pull: Pull): void {
    if (this.#pulls.get(key) === pull) this.#pulls.delete(key);
  }

  #start(key: string, reference: string, credentials: readonly PullCredential[]): Pull {
    const abort = new AbortController();
    const { signal } = abort;
    const done = this.#turns.take(() => this.#pullWithAny(reference, credentials, signal), signal);
    const pull: Pull = { done, waiters: 0, abort };
    this.#pulls.set(key, pull);
    done.catch(() => undefined).finally(() => this.#forget(key, pull));
    return pull;
  }

  /** The first that succeeds; what all others say when none does. */
  async #pullWithAny(reference: string, credentials: readonly PullCredential[], signal: AbortSignal): Promise<PullResult> {
    const { images, clock } = this.#options;
    const startMs = clock.monotonic();
    const errors: unknown[] = [];
    for (const used of credentials.length === 0 ? [undefined] : credentials) {
      try {
        const imageId = await images.pullImage(reference, { signal, ...(used === undefined ? {} : { auth: used.auth }) });
        return { tookMs: clock.monotonic() - startMs, imageId, used };
      } catch (error) {
        signal.throwIfAborted();
        errors.push(error);
      }
    }
    throw together(errors);
  }
}

function together(errors: readonly unknown[]): unknown {
  const messages = [...new Set(errors.map((error) => (error instanceof Error ? error.message : String(error))))];
  return messages.length === 1 ? errors[0] : new CriError('ImagePull', `[${messages.join(', ')}]`, { cause: errors[0] });
}
