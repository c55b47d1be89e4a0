import type { CpuTopology } from '../cm/cpu-topology.ts';

/** `cores` of each socket with two threads, numbered as machines do: first all cores, then their second threads. */
export function threaded(sockets: number, cores: number): CpuTopology {
  const all = sockets * cores;
  return Array.from({ length: all * 2 }, (_, id) => ({ id, core: id % all, socket: Math.floor((id % all) / cores), numaNode: Math.floor((id % all) / cores) }));
}

/** One core each, on one socket. */
export function plainCpus(count: number): CpuTopology {
  return Array.from({ length: count }, (_, id) => ({ id, core: id, socket: 0, numaNode: 0 }));
}
