import type { Clock, Logger } from '@podling/shared/util';
import type { AdvertisedAddress, KubernetesEndpoints } from './kubernetes-endpoints.ts';
import { ensureKubernetesService } from './kubernetes-service.ts';
import type { KubernetesService } from './kubernetes-service.ts';
import { repairAllocations } from './repair-allocations.ts';
import type { RepairOptions } from './repair-allocations.ts';

const keepPeriodMs = 10_000;
const repairPeriodMs = 180_000;
/** An apiserver that ends does not wait longer for a store that may be away; its lease ends by itself. */
const withdrawTimeoutMs = 2_000;

export interface ServiceMaintenanceOptions extends RepairOptions {
  endpoints: KubernetesEndpoints;
}

/**
 * Keeps `default/kubernetes` and its EndpointSlice in place and the allocations right, from the start on and as long as
 * the apiserver runs.
 */
export class ServiceMaintenance {
  readonly #options: ServiceMaintenanceOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #stopped = new AbortController();
  #loops: Promise<unknown> = Promise.resolve();
  #advertised: AdvertisedAddress | undefined;

  constructor(options: ServiceMaintenanceOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#logger = options.logger;
  }

  /** Without an address nobody is told where this apiserver is. */
  start(kubernetes: KubernetesService, address?: string): void {
    const { services, endpoints } = this.#options;
    const advertised = address === undefined ? undefined : { address, port: kubernetes.targetPort };
    this.#advertised = advertised;
    this.#loops = Promise.all([
      this.#every(keepPeriodMs, async () => {
        await ensureKubernetesService(services, kubernetes);
        if (advertised) await endpoints.keep(advertised);
      }),
      this.#every(repairPeriodMs, () => repairAllocations(this.#options)),
    ]);
  }

  async stop(): Promise<void> {
    if (this.#stopped.signal.aborted) return;
    this.#stopped.abort();
    await this.#loops;
    if (this.#advertised) await this.#withdraw(this.#advertised);
  }

  async #withdraw(advertised: AdvertisedAddress): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = this.#clock.setTimeout(resolve, withdrawTimeoutMs);
    const withdrawn = this.#options.endpoints.withdraw(advertised).catch((error: unknown) => this.#logger.warn({ err: error, ...advertised }, 'the address is still advertised'));
    await Promise.race([withdrawn, late]).finally(() => timer.cancel());
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
