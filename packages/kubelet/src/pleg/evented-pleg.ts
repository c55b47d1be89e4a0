import type { ContainerEvent, RuntimeService } from '@podling/cri';
import { exponentialBackoff, type Clock, type Logger } from '@podling/shared/util';
import type { GenericPleg } from './generic-pleg.ts';
import type { Pleg, PodChanged } from './pleg.ts';

export interface EventedPlegOptions {
  runtime: Pick<RuntimeService, 'events'>;
  generic: GenericPleg;
  onChange: PodChanged;
  /** The runtime answers again after it did not. */
  onBack: () => void;
  clock: Clock;
  logger: Logger;
}

/** A subscription may take hold a moment after the first list; a second one closes that gap. */
const settleMs = 1_000;

/**
 * Passes the runtime's events on within milliseconds, with the slow relist behind it. A lost stream is subscribed to
 * again first and listed then, so that nothing falls between.
 */
export class EventedPleg implements Pleg {
  readonly #options: EventedPlegOptions;
  readonly #ending = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(options: EventedPlegOptions) {
    this.#options = options;
  }

  start(): void {
    this.#options.generic.start();
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#ending.abort(new Error('the PLEG stops'));
    await this.#options.generic.stop();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { clock, logger, onBack } = this.#options;
    const backoff = exponentialBackoff({ initialMs: 200, maxMs: 1_000, jitter: 0.2 });
    let unanswered = 0;
    const onAlive = (): void => {
      backoff.reset();
      if (unanswered > 1) onBack();
      unanswered = 0;
    };
    while (!this.#ending.signal.aborted) {
      unanswered += 1;
      try {
        await this.#follow(onAlive);
      } catch (error) {
        if (this.#ending.signal.aborted) return;
        if (unanswered <= 1) logger.warn({ err: error }, 'runtime events lost, subscribing again');
      }
      await clock.sleep(backoff.next(), this.#ending.signal).catch(() => undefined);
    }
  }

  async #follow(onAlive: () => void): Promise<void> {
    const stream = this.#options.runtime.events(this.#ending.signal)[Symbol.asyncIterator]();
    let next = stream.next();
    const settled = this.#options.clock.setTimeout(() => void this.#relist(), settleMs);
    next.catch(() => undefined);
    try {
      await this.#options.generic.relist();
      onAlive();
      for (let result = await next; result.done !== true; result = await next) {
        this.#handle(result.value);
        next = stream.next();
      }
    } finally {
      settled.cancel();
      void stream.return?.();
    }
  }

  #handle(event: ContainerEvent): void {
    const uid = event.podSandboxMetadata?.uid;
    if (uid === undefined) void this.#relist();
    else this.#options.onChange(uid);
  }

  async #relist(): Promise<void> {
    await this.#options.generic.relist().catch((error: unknown) => this.#options.logger.warn({ err: error }, 'relist failed'));
  }
}
