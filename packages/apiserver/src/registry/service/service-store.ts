import { ApiStatusError } from '@podling/shared/api';
import type { Service } from '@podling/shared/api';
import { RegistryStore } from '../generic/registry-store.ts';
import type { DeleteOutcome, WriteOptions } from '../generic/registry-store.ts';
import { isFinished } from '../rest/before-delete.ts';
import type { DeleteRequest } from '../rest/strategy.ts';
import type { Held, ServiceAllocator } from './service-allocator.ts';

/** Whether the store has said no: then nothing was written. A failure on the way may have been a success. */
function isRefusal(error: unknown): boolean {
  return error instanceof ApiStatusError && error.status.code !== undefined && error.status.code < 500;
}

/**
 * Services, whose addresses and node ports are claimed before they are written and given back when they are no longer
 * theirs. What a write of unknown outcome leaves behind, the repair puts right. Upstream twin: `service/storage`.
 */
export class ServiceStore extends RegistryStore<Service> {
  readonly #allocator: ServiceAllocator;

  constructor(options: ConstructorParameters<typeof RegistryStore<Service>>[0] & { allocator: ServiceAllocator }) {
    super(options);
    this.#allocator = options.allocator;
  }

  override async create(namespace: string, object: Service, options: WriteOptions<Service> = {}): Promise<Service> {
    const claimed: Held = { ips: [], ports: [] };
    const dryRun = options.dryRun === true;
    const allocate = async (service: Service): Promise<void> => {
      await options.validate?.(service);
      await this.#allocator.allocate(service, { claimed, dryRun });
    };
    return this.#orRelease(object, claimed, () => super.create(namespace, object, { ...options, validate: allocate }));
  }

  override async update(namespace: string, name: string, next: (current: Service) => Service | Promise<Service>, options: WriteOptions<Service> = {}): Promise<Service> {
    const claimed: Held = { ips: [], ports: [] };
    const dryRun = options.dryRun === true;
    let before: Service | undefined;
    const allocate = async (service: Service, old?: Service): Promise<void> => {
      await options.validate?.(service, old);
      before = old;
      await this.#allocator.allocate(service, { old, claimed, dryRun });
    };
    const place: Service = { metadata: { name, namespace } };
    const updated = await this.#orRelease(place, claimed, () => super.update(namespace, name, next, { ...options, validate: allocate }));
    if (dryRun) return updated;
    const held = isFinished(this.strategy, updated) ? { ips: [], ports: [] } : this.#allocator.heldBy(updated);
    await this.#allocator.release(updated, claimed, held);
    if (before) await this.#allocator.release(before, this.#allocator.heldBy(before), held);
    return updated;
  }

  override async delete(namespace: string, name: string, request: DeleteRequest = {}, options: WriteOptions<Service> = {}): Promise<DeleteOutcome<Service>> {
    const outcome = await super.delete(namespace, name, request, options);
    if (outcome.removed && !options.dryRun) await this.#allocator.release(outcome.object, this.#allocator.heldBy(outcome.object));
    return outcome;
  }

  async #orRelease(service: Service, claimed: Held, write: () => Promise<Service>): Promise<Service> {
    try {
      return await write();
    } catch (error) {
      if (isRefusal(error)) await this.#allocator.release(service, claimed);
      throw error;
    }
  }
}
