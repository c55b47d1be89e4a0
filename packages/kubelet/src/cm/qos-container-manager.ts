import { podRequests, qosClassOf, quantityToMilli, type Pod } from '@podling/shared/api';
import type { Clock, Logger, Timer } from '@podling/shared/util';
import type { CgroupManager } from './cgroup-manager.ts';
import { cgroupPath, qosCgroupName, type CgroupDriver, type CgroupName } from './cgroup-name.ts';
import { milliToShares } from './container-resources.ts';
import { unboundedHugePages } from './huge-pages.ts';
import type { ResourceConfig } from './resource-config.ts';

export interface QosContainerManagerOptions {
  cgroups: Pick<CgroupManager, 'exists' | 'set'>;
  driver: CgroupDriver;
  /** The cgroup of all pods. */
  kubepods: CgroupName;
  /** What all pods may have together. */
  nodeConfig: ResourceConfig;
  hugePageSizes: readonly string[];
  /** Those that take part of the node. */
  pods: () => readonly Pod[];
  /** An Event of the node. */
  tell: (type: 'Normal' | 'Warning', reason: string, message: string) => void;
  clock: Clock;
  logger: Logger;
}

/** Pods that come together are reckoned together. */
const debounceMs = 50;
const periodMs = 60_000;

/**
 * The cgroups above those of pods: `kubepods` has what the node gives to pods, `burstable` as many shares of the CPU as its
 * pods ask for, `besteffort` the fewest. Written anew when that changes, and every minute whatever somebody else has made
 * of them. Upstream twin: cm `QOSContainerManager`.
 */
export class QosContainerManager {
  readonly #options: QosContainerManagerOptions;
  #timer: Timer | undefined;
  #dueMs = Number.POSITIVE_INFINITY;
  /** When all is to be written anew, changed or not. */
  #periodicDueMs = Number.NEGATIVE_INFINITY;
  #running: Promise<void> = Promise.resolve();
  #burstableShares: number | undefined;
  #isEnforced = false;
  #isStopped = false;

  constructor(options: QosContainerManagerOptions) {
    this.#options = options;
  }

  /** Resolves when the cgroups are there; fails where they cannot be made. */
  async start(): Promise<void> {
    await this.#update();
    this.#schedulePeriodic();
  }

  /** Pods have come or gone. */
  soon(): void {
    this.#schedule(debounceMs);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    await this.#running;
  }

  #schedule(delayMs: number): void {
    const { clock } = this.#options;
    const dueMs = clock.monotonic() + delayMs;
    if (dueMs >= this.#dueMs || this.#isStopped) return;
    this.#dueMs = dueMs;
    this.#timer?.cancel();
    this.#timer = clock.setTimeout(() => void (this.#running = this.#running.then(() => this.#pass())), delayMs);
  }

  #schedulePeriodic(): void {
    this.#schedule(Math.max(0, this.#periodicDueMs - this.#options.clock.monotonic()));
  }

  async #pass(): Promise<void> {
    this.#dueMs = Number.POSITIVE_INFINITY;
    try {
      await this.#update();
    } catch (error) {
      this.#burstableShares = undefined;
      this.#options.logger.warn({ err: error }, 'cannot update the cgroups of QoS classes');
    }
    this.#schedulePeriodic();
  }

  async #update(): Promise<void> {
    const nowMs = this.#options.clock.monotonic();
    const isPeriodic = nowMs >= this.#periodicDueMs;
    if (isPeriodic) this.#periodicDueMs = nowMs + periodMs;
    if (isPeriodic && !this.#isEnforced) await this.#enforce();
    const shares = milliToShares(this.#burstableMilli());
    if (isPeriodic) await this.#set('BestEffort', { cpuShares: milliToShares(0n) });
    if (isPeriodic || shares !== this.#burstableShares) await this.#set('Burstable', { cpuShares: shares });
    this.#burstableShares = shares;
  }

  /** Pods may use more at the moment than they are to have together: they are evicted, and it is tried again. */
  async #enforce(): Promise<void> {
    const { cgroups, driver, kubepods, nodeConfig, tell } = this.#options;
    try {
      await this.#makeAncestors();
      await cgroups.set(cgroupPath(kubepods, driver), nodeConfig);
      this.#isEnforced = true;
      tell('Normal', 'NodeAllocatableEnforced', 'Updated Node Allocatable limit across pods');
    } catch (error) {
      tell('Warning', 'FailedNodeAllocatableEnforcement', `Failed to update Node Allocatable Limits [${kubepods.map((part) => JSON.stringify(part)).join(' ')}]: ${String(error)}`);
    }
  }

  /** Those that are missing weigh what `kubepods` does: the kernel's own weight would be one CPU for the whole node. */
  async #makeAncestors(): Promise<void> {
    const { cgroups, driver, kubepods, nodeConfig: { cpuShares } } = this.#options;
    for (let depth = 1; depth < kubepods.length && cpuShares !== undefined; depth += 1) {
      const path = cgroupPath(kubepods.slice(0, depth), driver);
      if (!cgroups.exists(path)) await cgroups.set(path, { cpuShares });
    }
  }

  #burstableMilli(): bigint {
    const burstable = this.#options.pods().filter(({ spec }) => qosClassOf(spec) === 'Burstable');
    return burstable.reduce((sum, { spec }) => sum + quantityToMilli(podRequests(spec)['cpu'] ?? '0'), 0n);
  }

  async #set(qosClass: 'Burstable' | 'BestEffort', config: ResourceConfig): Promise<void> {
    const { cgroups, driver, kubepods, hugePageSizes } = this.#options;
    await cgroups.set(cgroupPath(qosCgroupName(kubepods, qosClass), driver), { ...config, hugePageLimits: unboundedHugePages(hugePageSizes) });
  }
}
