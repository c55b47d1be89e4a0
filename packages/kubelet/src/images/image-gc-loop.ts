import type { Clock, Logger } from '@podling/shared/util';
import type { ImageGcManager } from './image-gc-manager.ts';

export interface ImageGcLoopOptions {
  manager: Pick<ImageGcManager, 'collectGarbage' | 'detectImages'>;
  /** False: images are watched and not collected. */
  collects: boolean;
  /** The second failure in a row, and each one after it. */
  onFailed: (message: string) => void;
  clock: Clock;
  logger: Logger;
}

/** Kubernetes' `ImageGCPeriod`. */
const periodMs = 5 * 60_000;

/** Looks after images every five minutes. Upstream twin: kubelet `StartGarbageCollection`. */
export class ImageGcLoop {
  readonly #options: ImageGcLoopOptions;
  readonly #ending = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(options: ImageGcLoopOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#ending.abort(new Error('the kubelet stops'));
    await this.#running;
  }

  async #run(): Promise<void> {
    const { manager, collects, onFailed, clock, logger } = this.#options;
    for (let failures = 0; !this.#ending.signal.aborted; ) {
      try {
        await (collects ? manager.collectGarbage() : manager.detectImages());
        failures = 0;
      } catch (error) {
        failures += 1;
        logger.warn({ err: error, failures }, 'image garbage collection failed');
        // The first time the runtime may not be there yet.
        if (failures > 1) onFailed(error instanceof Error ? error.message : String(error));
      }
      await clock.sleep(periodMs, this.#ending.signal).catch(() => undefined);
    }
  }
}
