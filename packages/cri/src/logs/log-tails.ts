import type { Clock } from '@podling/shared/util';
import { LogTail, type LogSource } from './log-tail.ts';

/** The ends of logs that somebody follows now. Those who follow the same log share one. */
export class LogTails {
  readonly #clock: Clock;
  readonly #tails = new Map<string, { tail: LogTail; readers: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many logs are followed. */
  get size(): number {
    return this.#tails.size;
  }

  /** The caller releases it again. */
  acquire(source: LogSource): LogTail {
    const known = this.#tails.get(source.path);
    if (known) {
      known.readers += 1;
      return known.tail;
    }
    const tail = new LogTail(source, this.#clock);
    this.#tails.set(source.path, { tail, readers: 1 });
    tail.start();
    return tail;
  }

  async release({ path }: LogTail): Promise<void> {
    const known = this.#tails.get(path);
    if (known === undefined) return;
    known.readers -= 1;
    if (known.readers > 0) return;
    this.#tails.delete(path);
    await known.tail.stop();
  }
}
