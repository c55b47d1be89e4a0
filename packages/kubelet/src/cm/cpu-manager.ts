import type { CriRuntime } from '@podling/cri';
import { quantityToMilli, type Pod } from '@podling/shared/api';
import { formatCpuSet, parseCpuSet, type Clock, type CpuSet, type Logger, type Timer } from '@podling/shared/util';
import { anyCpu, type CpuAffinity } from './container-resources.ts';
import { takeByTopology } from './cpu-assignment.ts';
import type { CpuManagerState } from './cpu-manager-state.ts';
import { allCpus, type CpuTopology } from './cpu-topology.ts';
import type { Reservations } from './node-allocatable.ts';
import { SmtAlignmentError, StaticPolicy } from './static-policy.ts';

/** Why a pod cannot have the CPUs it asks for. */
export interface CpuRejection {
  reason: string;
  message: string;
}

/** A container that runs, or is about to. */
export interface RunningContainer {
  uid: string;
  name: string;
  id: string;
}

/** Gives containers CPUs of their own, and keeps all others off them. Upstream twin: cpumanager `Manager`. */
export interface CpuManager extends CpuAffinity {
  policy: 'none' | 'static';
  /** Once, before anything of the pod is started. */
  admit(pod: Pod): CpuRejection | undefined;
  /** Nothing of the pod runs any more. */
  release(uid: string): void;
  /** Once it is known which pods there are. */
  start(): void;
  stop(): Promise<void>;
}

export interface CpuManagerOptions {
  state: CpuManagerState;
  topology: CpuTopology;
  /** Of CPU, from the configuration. */
  reservations: Reservations;
  /** By number: `0-1`; '' for any. */
  reservedSystemCpus: string;
  isWholeCoresOnly: boolean;
  isReservationStrict: boolean;
  reconcilePeriodMs: number;
  runtime: Pick<CriRuntime, 'updateContainerResources'>;
  /** Whether there is such a pod, or may be. */
  isKnown: (uid: string) => boolean;
  running: () => Promise<readonly RunningContainer[]>;
  clock: Clock;
  logger: Logger;
}

/** Every container may run anywhere. */
export const noCpuManager: CpuManager = { ...anyCpu, policy: 'none', admit: () => undefined, release: () => undefined, start: () => undefined, stop: async () => undefined };

/** Throws where the configuration or what was kept of an earlier one does not fit the machine. */
export function createStaticCpuManager(options: CpuManagerOptions): CpuManager {
  return new StaticCpuManager(options);
}

/** A change shows in containers that run at once; the period is for what was missed. */
class StaticCpuManager implements CpuManager {
  readonly policy = 'static';
  readonly #options: CpuManagerOptions;
  readonly #policy: StaticPolicy;
  /** What containers were last told, by id. */
  #told = new Map<string, string>();
  #timer: Timer | undefined;
  #running: Promise<void> = Promise.resolve();
  #isActive = false;
  #again = false;

  constructor(options: CpuManagerOptions) {
    this.#options = options;
    this.#policy = new StaticPolicy({ ...options, reserved: reservedCpus(options) });
  }

  hasExclusiveCpus(uid: string, containerName: string): boolean {
    return this.#options.state.of(uid, containerName) !== undefined;
  }

  affinityOf(uid: string, containerName: string): string {
    const { state } = this.#options;
    return formatCpuSet(state.of(uid, containerName) ?? state.shared);
  }

  admit(pod: Pod): CpuRejection | undefined {
    const before = this.#options.state.shared;
    try {
      this.#policy.allocate(pod);
    } catch (error) {
      if (error instanceof SmtAlignmentError) return { reason: error.name, message: `Pod was rejected: ${error.message}` };
      return { reason: 'UnexpectedAdmissionError', message: `Pod was rejected: Allocate failed due to ${error instanceof Error ? error.message : String(error)}, which is unexpected` };
    }
    if (this.#options.state.shared !== before) this.#soon();
    return undefined;
  }

  release(uid: string): void {
    if (!this.#options.state.assignments().has(uid)) return;
    this.#policy.release(uid);
    this.#soon();
  }

  start(): void {
    this.#isActive = true;
    this.#pass();
  }

  async stop(): Promise<void> {
    this.#isActive = false;
    this.#timer?.cancel();
    await this.#running;
  }

  /** One at a time: what changes meanwhile is looked at after it. */
  #soon(): void {
    if (!this.#isActive) return;
    if (this.#timer === undefined) {
      this.#again = true;
      return;
    }
    this.#timer.cancel();
    this.#pass();
  }

  #pass(): void {
    this.#timer = undefined;
    this.#again = false;
    this.#running = this.#reconcile().catch((error: unknown) => this.#options.logger.warn({ err: error }, 'cannot bring containers to their CPUs')).then(() => {
      if (!this.#isActive) return;
      this.#timer = this.#options.clock.setTimeout(() => this.#pass(), this.#again ? 0 : this.#options.reconcilePeriodMs);
    });
  }

  async #reconcile(): Promise<void> {
    const { state, isKnown, runtime, logger } = this.#options;
    const running = await this.#options.running();
    const uids = new Set(running.map(({ uid }) => uid));
    for (const uid of state.assignments().keys()) if (!isKnown(uid) && !uids.has(uid)) this.#policy.release(uid);
    const told = new Map<string, string>();
    for (const { uid, name, id } of running) {
      const wanted = this.affinityOf(uid, name);
      const isTold = this.#told.get(id) === wanted || await runtime.updateContainerResources(id, { cpusetCpus: wanted }).then(() => true, (error: unknown) => {
        logger.warn({ err: error, pod: uid, container: name, cpus: wanted }, 'cannot set the CPUs of a container');
        return false;
      });
      if (isTold) told.set(id, wanted);
    }
    this.#told = told;
  }
}

/** Those named, else as many as are reserved, from the first core on. */
function reservedCpus({ topology, reservations: { system, kube }, reservedSystemCpus }: CpuManagerOptions): CpuSet {
  const milli = [system, kube].reduce((sum, list) => sum + quantityToMilli(list['cpu'] ?? '0'), 0n);
  if (milli === 0n) throw new Error('[cpumanager] the static policy requires systemreserved.cpu + kubereserved.cpu to be greater than zero');
  const count = Number((milli + 999n) / 1000n);
  const named = parseCpuSet(reservedSystemCpus);
  const reserved = named.size > 0 ? named.intersection(allCpus(topology)) : takeByTopology(topology, allCpus(topology), Math.min(count, topology.length));
  if (reserved.size === count) return reserved;
  throw new Error(`[cpumanager] unable to reserve the required amount of CPUs (size of ${formatCpuSet(reserved)} did not equal ${count})`);
}
