import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseCpuSet, sortedCpus, type CpuSet } from '@podling/shared/util';

/** A logical CPU. Those of one core, socket or NUMA node have the same number there. */
export interface Cpu {
  id: number;
  /** The smallest of the core's CPUs. */
  core: number;
  socket: number;
  numaNode: number;
}

/** The CPUs that are online, in ascending order. */
export type CpuTopology = readonly Cpu[];

/** From sysfs; what it does not tell is one core each, on one socket, on one node. */
export async function readCpuTopology(root = '/sys/devices/system/cpu'): Promise<CpuTopology> {
  const online = parseCpuSet(await readFile(join(root, 'online'), 'utf8'));
  return Promise.all(sortedCpus(online).map((id) => readCpu(join(root, `cpu${id}`), id, online)));
}

async function readCpu(folder: string, id: number, online: CpuSet): Promise<Cpu> {
  const text = (name: string): Promise<string> => readFile(join(folder, 'topology', name), 'utf8').catch(() => '');
  const [siblings, socket, entries] = await Promise.all([text('thread_siblings_list'), text('physical_package_id'), readdir(folder).catch(() => [])]);
  const node = entries.map((name) => /^node(\d+)$/.exec(name)?.[1]).find((number) => number !== undefined);
  const core = [...parseCpuSet(siblings).intersection(online), id];
  return { id, core: Math.min(...core), socket: Math.max(Number(socket.trim() || 0), 0), numaNode: Number(node ?? 0) };
}

export const allCpus = (topology: CpuTopology): CpuSet => new Set(topology.map(({ id }) => id));

/** How many CPUs a core has. */
export function cpusPerCore(topology: CpuTopology): number {
  return Math.max(1, Math.floor(topology.length / new Set(topology.map(({ core }) => core)).size));
}

/** With the other CPUs of their cores. */
export function wholeCores(topology: CpuTopology, cpus: CpuSet): CpuSet {
  const cores = new Set(topology.filter(({ id }) => cpus.has(id)).map(({ core }) => core));
  return new Set(topology.filter(({ core }) => cores.has(core)).map(({ id }) => id));
}
