import type { CpuSet } from '@podling/shared/util';
import { cpusPerCore, type Cpu, type CpuTopology } from './cpu-topology.ts';

/** There are fewer CPUs than somebody wants for itself. */
export class NotEnoughCpusError extends Error {
  override readonly name = 'NotEnoughCpusError';
}

type Unit = 'numaNode' | 'socket' | 'core';

/** One core, socket or NUMA node, with what is still free of it. */
interface Group {
  id: number;
  free: Cpu[];
}

/**
 * `count` of the `available` CPUs, as close together as can be: whole NUMA nodes or sockets, whole cores, then single CPUs,
 * fullest first. Upstream twin: `takeByTopologyNUMAPacked`.
 */
export function takeByTopology(topology: CpuTopology, available: CpuSet, count: number): CpuSet {
  if (count > available.size) throw new NotEnoughCpusError(`not enough cpus available to satisfy request: requested=${count}, available=${available.size}`);
  const taking = new Taking(topology, available, count);
  const [outer, inner] = taking.unitsFromLarge();
  taking.takeWhole(outer, () => taking.groups(outer));
  taking.takeWhole(inner, () => taking.nested(outer, inner));
  taking.takeWhole('core', () => taking.cores(outer, inner));
  taking.takeSingle(taking.cores(outer, inner));
  return taking.taken;
}

class Taking {
  readonly #topology: CpuTopology;
  readonly taken = new Set<number>();
  #free: Cpu[];
  #count: number;

  constructor(topology: CpuTopology, available: CpuSet, count: number) {
    this.#topology = topology;
    this.#free = topology.filter(({ id }) => available.has(id));
    this.#count = count;
  }

  unitsFromLarge(): ['numaNode', 'socket'] | ['socket', 'numaNode'] {
    const number = (unit: Unit): number => new Set(this.#topology.map((cpu) => cpu[unit])).size;
    return number('socket') >= number('numaNode') ? ['numaNode', 'socket'] : ['socket', 'numaNode'];
  }

  /** With something free, that with the least of it first. */
  groups(unit: Unit, within: readonly Cpu[] = this.#free): Group[] {
    const byId = Map.groupBy(within, (cpu) => cpu[unit]);
    return [...byId].map(([id, free]) => ({ id, free })).toSorted((a, b) => a.free.length - b.free.length || a.id - b.id);
  }

  nested(outer: Unit, inner: Unit): Group[] {
    return this.groups(outer).flatMap(({ free }) => this.groups(inner, free));
  }

  cores(outer: Unit, inner: Unit): Group[] {
    return this.nested(outer, inner).flatMap(({ free }) => this.groups('core', free));
  }

  /** Those that are free as a whole and are not too large. */
  takeWhole(unit: Unit, groups: () => Group[]): void {
    for (const { id, free } of groups()) {
      const size = unit === 'core' ? cpusPerCore(this.#topology) : this.#topology.filter((cpu) => cpu[unit] === id).length;
      if (free.length === size && size <= this.#count) this.#take(free);
    }
  }

  takeSingle(cores: readonly Group[]): void {
    this.#take(cores.flatMap(({ free }) => free).slice(0, this.#count));
  }

  #take(cpus: readonly Cpu[]): void {
    for (const { id } of cpus) this.taken.add(id);
    this.#free = this.#free.filter(({ id }) => !this.taken.has(id));
    this.#count -= cpus.length;
  }
}
