import { readFileSync } from 'node:fs';

export interface Usage {
  cpuMs: number;
  rssMb: number;
}

const msPerTick = 10;

/** CPU time since the process started and resident memory now, as the kernel counts them. */
export function usageOf(pid: number | undefined): Usage {
  if (pid === undefined) throw new Error('the process does not run');
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The command's name, in parentheses, may hold anything; the fields are counted after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const rss = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return { cpuMs: (Number(fields[11]) + Number(fields[12])) * msPerTick, rssMb: Number(rss) / 1024 };
}
