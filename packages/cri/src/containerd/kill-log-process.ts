import { readdirSync, readFileSync } from 'node:fs';

/**
 * SIGKILL to the log process of this state folder; false when there is none. Found by its command line, since one that
 * hangs may not have written its PID. Its socket takes connections until its last thread has ended.
 */
export function killLogProcess(stateDir: string): boolean {
  const pids = readdirSync('/proc').map(Number).filter((pid) => Number.isInteger(pid) && isLogProcess(commandLine(pid), stateDir));
  for (const pid of pids) kill(pid);
  return pids.length > 0;
}

function isLogProcess(words: string[], stateDir: string): boolean {
  const script = words.findIndex((word) => word.endsWith('/log-process/main.ts'));
  return script !== -1 && words[script + 1] === stateDir;
}

function commandLine(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
