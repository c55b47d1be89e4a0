import { isNotFound } from '@podling/shared/api';
import type { Service } from '@podling/shared/api';
import type { Clock, Logger } from '@podling/shared/util';
import type { RegistryStore } from '../generic/registry-store.ts';
import type { Allocation, Allocations, Owner } from './allocations.ts';
import { ownerOf } from './service-allocator.ts';
import type { Held, ServiceAllocator } from './service-allocator.ts';

/** A younger allocation may belong to a service that is just being written. */
const leakAgeMs = 60_000;

export interface RepairOptions {
  services: RegistryStore<Service>;
  allocator: ServiceAllocator;
  ips: Allocations;
  ports: Allocations;
  clock: Clock;
  logger: Logger;
}

const isOwner = ({ spec: { owner } }: Allocation, { namespace, name }: Owner): boolean => owner.namespace === namespace && owner.name === name;

/**
 * Makes the allocations what the services say: claims what a service has without one, gives back what no service has.
 * Two services with the same address are told of and left alone.
 */
export async function repairAllocations(options: RepairOptions): Promise<void> {
  const { items } = await options.services.list('');
  for (const kind of ['ips', 'ports'] as const) {
    const present = new Map((await options[kind].list()).map((allocation) => [allocation.metadata.name, allocation]));
    for (const service of items) await claimMissing(options, kind, service, present);
    for (const allocation of present.values()) await releaseLeaked(options, kind, allocation);
  }
}

async function claimMissing({ allocator, logger, ...options }: RepairOptions, kind: keyof Held, service: Service, present: Map<string, Allocation>): Promise<void> {
  const owner = ownerOf(service);
  for (const name of allocator.heldBy(service)[kind]) {
    const known = present.get(name);
    const isOurs = known ? isOwner(known, owner) : await options[kind].claim(name, owner);
    if (!isOurs) logger.warn({ service: owner, kind, name, owner: known?.spec.owner }, 'two services hold the same');
    else if (!known) logger.info({ service: owner, kind, name }, 'allocation was missing');
  }
}

async function releaseLeaked({ services, allocator, clock, logger, ...options }: RepairOptions, kind: keyof Held, allocation: Allocation): Promise<void> {
  const { metadata: { name, creationTimestamp = '' }, spec: { owner } } = allocation;
  if (clock.now() - Date.parse(creationTimestamp) < leakAgeMs) return;
  const service = await services.get(owner.namespace, owner.name).catch((error: unknown) => {
    if (isNotFound(error)) return undefined;
    throw error;
  });
  if (service && allocator.heldBy(service)[kind].includes(name)) return;
  await options[kind].release(name, owner);
  logger.info({ service: owner, kind, name }, 'allocation was left behind');
}
