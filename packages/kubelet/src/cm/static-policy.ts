import { qosClassOf, quantityToMilli, uidOf, type Container, type Pod } from '@podling/shared/api';
import { formatCpuSet, noCpus, type CpuSet } from '@podling/shared/util';
import { takeByTopology } from './cpu-assignment.ts';
import { allCpus, cpusPerCore, wholeCores, type CpuTopology } from './cpu-topology.ts';
import { CpuManagerStateError, type CpuManagerState } from './cpu-manager-state.ts';

export interface StaticPolicyOptions {
  topology: CpuTopology;
  state: CpuManagerState;
  /** Of the system and of Kubernetes' own processes: never anybody's own. */
  reserved: CpuSet;
  /** `full-pcpus-only`: containers get whole cores or nothing. */
  isWholeCoresOnly: boolean;
  /** `strict-cpu-reservation`: reserved CPUs are not shared either. */
  isReservationStrict: boolean;
}

/** A container would get parts of cores. */
export class SmtAlignmentError extends Error {
  override readonly name = 'SMTAlignmentError';
}

type Assignments = Map<string, Map<string, CpuSet>>;

/**
 * Gives containers of Guaranteed pods that ask for whole CPUs CPUs of their own; all others share the rest, which has the
 * reserved ones too. Upstream twin: cpumanager `staticPolicy`.
 */
export class StaticPolicy {
  readonly #options: StaticPolicyOptions;

  /** Throws `CpuManagerStateError` where what was kept does not fit this machine and this configuration. */
  constructor(options: StaticPolicyOptions) {
    this.#options = options;
    const { state } = options;
    const problem = this.#problem();
    if (problem !== undefined) throw new CpuManagerStateError(`invalid CPU manager state: ${problem}, please drain this node and remove the policy state file`);
    if (state.shared.size === 0) state.replace(this.#usable(), state.assignments());
  }

  /**
   * For all of the pod's containers at once, or for none. Init containers come one after the other: what the last one had, the
   * next may have. Throws `NotEnoughCpusError` or `SmtAlignmentError`.
   */
  allocate(pod: Pod): void {
    const { state } = this.#options;
    const uid = uidOf(pod);
    const assignments: Assignments = new Map([...state.assignments()].map(([key, containers]) => [key, new Map(containers)]));
    const own = assignments.get(uid) ?? new Map<string, CpuSet>();
    const plan = { shared: state.shared, reusable: noCpus };
    for (const container of [...(pod.spec.initContainers ?? []), ...pod.spec.containers]) {
      const count = exclusiveCpusOf(pod, container);
      if (count === 0) continue;
      const cpus = own.get(container.name) ?? this.#take(count, plan);
      own.set(container.name, cpus);
      plan.shared = plan.shared.difference(cpus);
      plan.reusable = isInit(pod, container) ? plan.reusable.union(cpus) : plan.reusable.difference(cpus);
    }
    if (own.size > 0) state.replace(plan.shared, assignments.set(uid, own));
  }

  release(uid: string): void {
    const { state } = this.#options;
    const own = state.assignments().get(uid);
    if (own === undefined) return;
    const others = new Map([...state.assignments()].filter(([key]) => key !== uid));
    const freed = [...own.values()].reduce<CpuSet>((all, cpus) => all.union(cpus), noCpus);
    state.replace(state.shared.union(freed), others);
  }

  #take(count: number, { shared, reusable }: { shared: CpuSet; reusable: CpuSet }): CpuSet {
    this.#checkCores(count, shared.union(reusable));
    return takeByTopology(this.#options.topology, this.#available(shared).union(reusable), count);
  }

  /** Those that could be somebody's own. */
  #available(shared: CpuSet): CpuSet {
    return shared.difference(this.#options.reserved);
  }

  #usable(): CpuSet {
    const { topology, reserved, isReservationStrict } = this.#options;
    return isReservationStrict ? allCpus(topology).difference(reserved) : allCpus(topology);
  }

  #checkCores(count: number, candidates: CpuSet): void {
    const { topology, reserved, isWholeCoresOnly } = this.#options;
    if (!isWholeCoresOnly) return;
    const size = cpusPerCore(topology);
    if (count % size !== 0) throw new SmtAlignmentError(`SMT Alignment Error: requested ${count} cpus not multiple cpus per core = ${size}`);
    const free = candidates.difference(wholeCores(topology, reserved)).size;
    if (count > free) throw new SmtAlignmentError(`SMT Alignment Error: not enough free physical CPUs: available physical CPUs = ${free}, requested CPUs = ${count}, CPUs per core = ${size}`);
  }

  /** Why what was kept cannot be gone on with. */
  #problem(): string | undefined {
    const { state, reserved, isReservationStrict } = this.#options;
    const { shared } = state;
    const own = [...state.assignments()].flatMap(([uid, containers]) => [...containers].map(([name, cpus]) => ({ uid, name, cpus })));
    if (shared.size === 0) return own.length > 0 ? 'default cpuset cannot be empty' : undefined;
    const sharedReserved = reserved.intersection(shared);
    if (isReservationStrict && sharedReserved.size > 0) return `some of strictly reserved cpus: "${formatCpuSet(sharedReserved)}" are present in defaultCpuSet: "${formatCpuSet(shared)}"`;
    if (!isReservationStrict && sharedReserved.size < reserved.size) return `not all reserved cpus: "${formatCpuSet(reserved)}" are present in defaultCpuSet: "${formatCpuSet(shared)}"`;
    const overlap = own.find(({ cpus }) => !cpus.isDisjointFrom(shared));
    if (overlap) return `pod: ${overlap.uid}, container: ${overlap.name} cpuset: "${formatCpuSet(overlap.cpus)}" overlaps with default cpuset "${formatCpuSet(shared)}"`;
    const known = own.reduce<CpuSet>((all, { cpus }) => all.union(cpus), shared);
    const usable = this.#usable();
    if (known.symmetricDifference(usable).size === 0) return undefined;
    return `current set of available CPUs "${formatCpuSet(usable)}" doesn't match with CPUs in state "${formatCpuSet(known)}"`;
  }
}

/** How many CPUs the container is to have to itself. */
function exclusiveCpusOf({ spec }: Pod, { resources }: Container): number {
  if (qosClassOf(spec) !== 'Guaranteed' || spec.resources?.requests || spec.resources?.limits) return 0;
  const milli = quantityToMilli(resources?.requests?.['cpu'] ?? resources?.limits?.['cpu'] ?? '0');
  return milli % 1000n === 0n ? Number(milli / 1000n) : 0;
}

/** One that ends before the app begins. */
function isInit({ spec }: Pod, container: Container): boolean {
  return container.restartPolicy !== 'Always' && (spec.initContainers ?? []).includes(container);
}
