import { readdirSync, readFileSync } from 'node:fs';

/** A process that is told from a later one with the same number: its PID and when it started (clock ticks since boot). */
export interface ProcessIdentity {
  pid: number;
  startTime: string;
}

/** Looks a process up; undefined when it is gone or only waits to be reaped. */
export function identify(pid: number): ProcessIdentity | undefined {
  const startTime = processStat(pid)?.startTime;
  return startTime === undefined ? undefined : { pid, startTime };
}

/** As {@link identify}, with whose child it is. */
export function processStat(pid: number): (ProcessIdentity & { parentPid: number }) | undefined {
  const stat = readProc(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The command's name, in parentheses, may hold anything; the fields are counted after it.
  const [state, parentPid, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const startTime = fields[17];
  return state === 'Z' || state === 'X' || startTime === undefined ? undefined : { pid, startTime, parentPid: Number(parentPid) };
}

/** Every process there is now, by its number. */
export function allPids(): number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger);
}

/** Says whether this very process still runs. */
export function isRunning(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.startTime === identity.startTime;
}

/** The arguments of a process, empty when it is gone. */
export function commandLine(pid: number): string[] {
  return (readProc(`/proc/${pid}/cmdline`) ?? '').split('\0').slice(0, -1);
}

/** Sends a signal; a process that is gone is no error. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
