import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { allPids, commandLine, isRunning, processStat, sendSignal } from '@podling/shared/process';
import type { ProcessIdentity } from '@podling/shared/process';

export interface ProcessEntry extends ProcessIdentity {
  parentPid: number;
  words: string[];
}

/** Every process there is now. */
export function readProcesses(): ProcessEntry[] {
  return allPids().flatMap((pid) => {
    const stat = processStat(pid);
    return stat === undefined ? [] : [{ ...stat, words: commandLine(pid) }];
  });
}

/** The processes below `pid`, parents before their children. */
export function descendantsOf(pid: number, processes: readonly ProcessEntry[]): ProcessEntry[] {
  const children = processes.filter((entry) => entry.parentPid === pid);
  return children.flatMap((child) => [child, ...descendantsOf(child.pid, processes)]);
}

/** A process that has ended is success, and so is another with its PID: that one is left alone. */
export function signal(entry: ProcessIdentity, name: NodeJS.Signals): void {
  if (isRunning(entry)) sendSignal(entry.pid, name);
}

/** The cgroups of a process, without the root: with v1 one for each controller, most of them the same. */
export function cgroupsOf(pid: number): string[] {
  const lines = read(pid, 'cgroup').trim().split('\n');
  return [...new Set(lines.map((line) => line.split(':').slice(2).join(':')).filter((path) => path.length > 1))];
}

/** `NAME=value` each. */
export function environmentOf(pid: number): string[] {
  return read(pid, 'environ').split('\0');
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

function read(pid: number, file: string): string {
  try {
    return readFileSync(join('/proc', String(pid), file), 'utf8');
  } catch {
    return '';
  }
}
