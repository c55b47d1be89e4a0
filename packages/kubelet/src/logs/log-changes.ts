import { watch, type FSWatcher } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '@podling/shared/util';

/** What follows a log when no event comes: a watch may be missed, or not to be had. */
const pollMs = 1_000;

/** Tells when a log may have grown: by inotify on its folder, by a slow look otherwise. */
export class LogChanges {
  readonly #clock: Clock;
  readonly #watcher: FSWatcher | undefined;
  #changed = false;
  #wake: (() => void) | undefined;

  constructor(path: string, clock: Clock) {
    this.#clock = clock;
    this.#watcher = this.#watch(dirname(path));
  }

  /** Resolves after a change since the last call, or after a second, or when the signal aborts. */
  async next(signal: AbortSignal): Promise<void> {
    if (!this.#changed && !signal.aborted) await this.#wait(signal);
    this.#changed = false;
  }

  /** Ends a wait as if the log had changed. */
  poke(): void {
    this.#changed = true;
    this.#wake?.();
  }

  close(): void {
    this.#watcher?.close();
  }

  async #wait(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#clock.setTimeout(resolve, pollMs);
    this.#wake = resolve;
    const abort = (): void => resolve();
    signal.addEventListener('abort', abort, { once: true });
    await promise;
    signal.removeEventListener('abort', abort);
    timer.cancel();
    this.#wake = undefined;
  }

  #watch(directory: string): FSWatcher | undefined {
    try {
      const watcher = watch(directory, () => this.poke());
      watcher.on('error', () => watcher.close());
      return watcher;
    } catch {
      return undefined;
    }
  }
}
