import type { Clock, Logger } from '@podling/shared/util';
import { ensureKubernetesService } from './kubernetes-service.ts';
import type { KubernetesService } from './kubernetes-service.ts';
import { repairAllocations } from './repair-allocations.ts';
import type { RepairOptions } from './repair-allocations.ts';

const keepPeriodMs = 10_000;
const repairPeriodMs = 180_000;

/** Keeps `default/kubernetes` in place and the allocations right, from the start on and as long as the apiserver runs. */
export class ServiceMaintenance {
  readonly #options: RepairOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #stopped = new AbortController();
  #loops: Promise<unknown> = Promise.resolve();

  constructor(options: RepairOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#logger = options.logger;
  }

  start(kubernetes: KubernetesService): void {
    this.#loops = Promise.all([
      this.#every(keepPeriodMs, () => ensureKubernetesService(this.#options.services, kubernetes)),
      this.#every(repairPeriodMs, () => repairAllocations(this.#options)),
    ]);
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#loops;
  }

  async #every(periodMs: number, work: () => Promise<void>): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      await work().catch((error: unknown) => {
        if (!signal.aborted) this.#logger.warn({ err: error }, 'the services could not be looked after');
      });
      await this.#clock.sleep(periodMs, signal).catch(() => undefined);
    }
  }
}
