/** Logical CPUs by number. */
export type CpuSet = ReadonlySet<number>;

export const noCpus: CpuSet = new Set();

/** Far beyond what a kernel knows: a text of a few bytes must not fill the memory. */
const maxCpu = 65_535;

/** Of what the kernel writes: `0-2,7`; '' is none. Throws `RangeError` for anything else. */
export function parseCpuSet(text: string): CpuSet {
  const cpus = new Set<number>();
  for (const part of text.trim() === '' ? [] : text.trim().split(',')) {
    const [, first = '', last = first] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(part) ?? [];
    const [from, to] = [Number(first), Number(last)];
    if (first === '' || to < from || to > maxCpu) throw new RangeError(`${JSON.stringify(text)} is no list of CPUs, as in 0-2,7`);
    for (let cpu = from; cpu <= to; cpu += 1) cpus.add(cpu);
  }
  return cpus;
}

/** In ascending order, as the kernel and Kubernetes write it. */
export function formatCpuSet(cpus: CpuSet): string {
  const ranges: [from: number, to: number][] = [];
  for (const cpu of sortedCpus(cpus)) {
    const last = ranges.at(-1);
    if (last?.[1] === cpu - 1) last[1] = cpu;
    else ranges.push([cpu, cpu]);
  }
  return ranges.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(',');
}

export function sortedCpus(cpus: CpuSet): number[] {
  return [...cpus].toSorted((a, b) => a - b);
}
