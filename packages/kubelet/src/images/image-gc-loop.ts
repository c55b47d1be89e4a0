import { Background, type Clock, type Logger } from '@podling/shared/util';
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
  readonly #background = new Background('the kubelet', () => this.#run());

  constructor(options: ImageGcLoopOptions) {
    this.#options = options;
  }

  start(): void {
    this.#background.start();
  }

  stop(): Promise<void> {
    return this.#background.stop();
  }

  async #run(): Promise<void> {
    const { manager, collects, onFailed, clock, logger } = this.#options;
    for (let failures = 0; !this.#background.signal.aborted; ) {
      try {
        await (collects ? manager.collectGarbage() : manager.detectImages());
        failures = 0;
      } catch (error) {
        failures += 1;
        logger.warn({ err: error, failures }, 'image garbage collection failed');
        // The first time the runtime may not be there yet.
        if (failures > 1) onFailed(error instanceof Error ? error.message : String(error));
      }
      await clock.sleep(periodMs, this.#background.signal).catch(() => undefined);
    }
  }
}
