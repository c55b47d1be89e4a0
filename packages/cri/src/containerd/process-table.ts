import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One process, told from a later one with the same PID by its start time. */
export interface ProcessEntry {
  pid: number;
  parentPid: number;
  startTime: string;
  words: string[];
}

/** Every process there is now. */
export function readProcesses(): ProcessEntry[] {
  const pids = readdirSync('/proc').map(Number).filter((pid) => Number.isInteger(pid));
  return pids.flatMap((pid) => {
    const [state, parentPid, startTime] = statOf(pid);
    if (startTime === '' || state === 'Z') return [];
    return [{ pid, parentPid: Number(parentPid), startTime, words: read(pid, 'cmdline').split('\0').slice(0, -1) }];
  });
}

/** The processes below `pid`, parents before their children. */
export function descendantsOf(pid: number, processes: readonly ProcessEntry[]): ProcessEntry[] {
  const children = processes.filter((entry) => entry.parentPid === pid);
  return children.flatMap((child) => [child, ...descendantsOf(child.pid, processes)]);
}

/** False as well for one that has ended and that its parent has not asked for. */
export function isThere({ pid, startTime }: ProcessEntry): boolean {
  const [state, , current] = statOf(pid);
  return state !== 'Z' && current === startTime;
}

/** A process that has ended is success, and so is another with its PID: that one is left alone. */
export function signal(entry: ProcessEntry, name: NodeJS.Signals): void {
  if (!isThere(entry)) return;
  try {
    process.kill(entry.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
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

/** State, PID of the parent, start time; empty when it is gone. */
function statOf(pid: number): [state: string, parentPid: string, startTime: string] {
  const stat = read(pid, 'stat');
  // The command's name, in parentheses, may hold anything; the fields are counted after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return [fields[0] ?? '', fields[1] ?? '', fields[19] ?? ''];
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(join('/proc', String(pid), file), 'utf8');
  } catch {
    return '';
  }
}
