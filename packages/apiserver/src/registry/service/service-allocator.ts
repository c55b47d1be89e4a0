import { randomInt } from 'node:crypto';
import { newInternalError, newInvalid } from '@podling/shared/api';
import type { Service, ServiceSpec } from '@podling/shared/api';
import { getsNodePorts, isHeadless, needsClusterIP, needsHealthCheck, serviceKind } from '@podling/shared/scheme';
import type { Allocations, Owner } from './allocations.ts';
import type { ClusterIPRange } from './cluster-ip-range.ts';

export interface NodePortRange {
  first: number;
  last: number;
}

export interface ServiceAllocatorOptions {
  range: ClusterIPRange;
  nodePorts: NodePortRange;
  ips: Allocations;
  ports: Allocations;
}

/** The names a service holds, by kind. */
export interface Held {
  ips: string[];
  ports: string[];
}

const nothing = (): Held => ({ ips: [], ports: [] });

export const ownerOf = ({ metadata: { namespace = '', name } }: Service): Owner => ({ namespace, name });

function requested(service: Service, field: string, value: unknown, detail: string): Error {
  return newInvalid(serviceKind, service.metadata.name, [{ field, reason: 'FieldValueInvalid', message: `Invalid value: ${JSON.stringify(value)}: ${detail}` }]);
}

/** Finds addresses and node ports for one service, and remembers what to give back should its write fail. */
export class ServiceAllocator {
  readonly #options: ServiceAllocatorOptions;

  constructor(options: ServiceAllocatorOptions) {
    this.#options = options;
  }

  /** What the service as it is written holds of our ranges. */
  heldBy({ spec = {} }: Service): Held {
    const { range } = this.#options;
    const ips = needsClusterIP(spec) && !isHeadless(spec) ? (spec.clusterIPs ?? []).filter((ip) => range.contains(ip)).map((ip) => range.canonical(ip)) : [];
    const ports = [...(spec.ports ?? []).flatMap(({ nodePort }) => nodePort || []), ...(needsHealthCheck(spec) && spec.healthCheckNodePort ? [spec.healthCheckNodePort] : [])];
    return { ips, ports: [...new Set(ports)].map(String) };
  }

  /**
   * Writes into `service` what it needs and lacks, and claims it along with what it names; what `old` holds is its own
   * already. What has been claimed is added to `claimed` at once. Throws 422 for what is taken or out of range, 500 when a
   * range is used up. With `dryRun` nothing is claimed.
   */
  async allocate(service: Service, { old, claimed, dryRun }: { old?: Service | undefined; claimed: Held; dryRun: boolean }): Promise<void> {
    const before = old ? this.heldBy(old) : nothing();
    const claim = async (kind: keyof Held, name: string): Promise<boolean> => {
      if (before[kind].includes(name) || claimed[kind].includes(name)) return true;
      if (dryRun) return !(await this.#options[kind].isTaken(name));
      const isOurs = await this.#options[kind].claim(name, ownerOf(service));
      if (isOurs) claimed[kind].push(name);
      return isOurs;
    };
    try {
      await this.#fillIn(service, claim);
    } catch (error) {
      // What cannot be given back now is found by the repair.
      await this.release(service, claimed).catch(() => undefined);
      throw error;
    }
  }

  async #fillIn(service: Service, claim: Claim): Promise<void> {
    const spec = (service.spec ??= {});
    if (needsClusterIP(spec) && !isHeadless(spec)) await this.#address(service, spec, claim);
    await this.#nodePorts(service, spec, claim);
  }

  async release(service: Service, held: Held, except: Held = nothing()): Promise<void> {
    for (const kind of ['ips', 'ports'] as const) {
      for (const name of held[kind].filter((one) => !except[kind].includes(one))) await this.#options[kind].release(name, ownerOf(service));
    }
  }

  async #address(service: Service, spec: ServiceSpec, claim: Claim): Promise<void> {
    const { range } = this.#options;
    const { clusterIPs = [] } = spec;
    const [given] = clusterIPs;
    if (given !== undefined) {
      const refuse = (why: string): Error => requested(service, 'spec.clusterIPs', clusterIPs, `failed to allocate IP ${given}: ${why}`);
      if (!range.contains(given)) throw refuse('the provided network does not match the current range');
      if (!(await claim('ips', range.canonical(given)))) throw refuse('provided IP is already allocated');
      return;
    }
    for (const ip of range.candidates()) {
      if (!(await claim('ips', ip))) continue;
      spec.clusterIP = ip;
      spec.clusterIPs = [ip];
      return;
    }
    throw newInternalError(`failed to allocate a serviceIP for Service "${service.metadata.name}": range is full`);
  }

  async #nodePorts(service: Service, spec: ServiceSpec, claim: Claim): Promise<void> {
    for (const [index, { nodePort }] of (spec.ports ?? []).entries()) {
      if (nodePort) await this.#namedPort({ service, field: `spec.ports[${index}].nodePort`, port: nodePort }, claim);
    }
    if (getsNodePorts(spec)) {
      for (const port of spec.ports ?? []) {
        const sibling = spec.ports?.find((other) => other.port === port.port && other.protocol !== port.protocol && other.nodePort)?.nodePort;
        port.nodePort ||= sibling ?? (await this.#anyPort(claim));
      }
    }
    if (!needsHealthCheck(spec)) return;
    if (spec.healthCheckNodePort) await this.#namedPort({ service, field: 'spec.healthCheckNodePort', port: spec.healthCheckNodePort }, claim);
    else spec.healthCheckNodePort = await this.#anyPort(claim);
  }

  async #namedPort({ service, field, port }: { service: Service; field: string; port: number }, claim: Claim): Promise<void> {
    const { first, last } = this.#options.nodePorts;
    if (port < first || port > last) throw requested(service, field, port, `provided port is not in the valid range. The range of valid ports is ${first}-${last}`);
    if (!(await claim('ports', String(port)))) throw requested(service, field, port, 'provided port is already allocated');
  }

  async #anyPort(claim: Claim): Promise<number> {
    const { first, last } = this.#options.nodePorts;
    const taken = new Set((await this.#options.ports.list()).map(({ metadata: { name } }) => name));
    const dynamic = first + staticPorts(last - first + 1);
    for (const port of [...rotated(dynamic, last), ...rotated(first, dynamic - 1)]) {
      if (!taken.has(String(port)) && (await claim('ports', String(port)))) return port;
    }
    throw newInternalError('failed to allocate a nodePort: range is full');
  }
}

/** How many ports at the beginning of the range are left to those who name one, until the others are taken; as upstream. */
function staticPorts(size: number): number {
  return size < 16 ? 0 : Math.min(Math.max(16, Math.floor(size / 32)), 128);
}

/** Each once, from a random one on. */
function rotated(first: number, last: number): number[] {
  const count = last - first + 1;
  const start = count > 0 ? randomInt(count) : 0;
  return Array.from({ length: Math.max(count, 0) }, (_, step) => first + ((start + step) % count));
}

type Claim = (kind: keyof Held, name: string) => Promise<boolean>;
