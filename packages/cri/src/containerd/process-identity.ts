import { readFileSync } from 'node:fs';

/** Start time of a process in clock ticks since boot: with the PID it names one process for ever. '' when it is gone. */
export function processStartTime(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command's name, in parentheses, may hold anything; the fields are counted after it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

/** The lowest oom_score_adj that this process may give to another without a capability. */
export function ownOomScoreAdj(): number {
  return Number(readFileSync('/proc/self/oom_score_adj', 'utf8'));
}

/** Whether `ip` is an address of the network namespace of `pid`. */
export function hasAddress(pid: number, ip: string): boolean {
  try {
    const lines = readFileSync(`/proc/${pid}/net/fib_trie`, 'utf8').split('\n');
    return lines.some((line, index) => line.includes(`|-- ${ip}`) && /32 host LOCAL/.test(lines[index + 1] ?? ''));
  } catch {
    return false;
  }
}
