import { readFile } from 'node:fs/promises';
import type { SecureContextOptions } from 'node:tls';

/** A server under load, a process of its own. */
export interface Target {
  name: string;
  /** `https://HOST:PORT`. */
  origin: string;
  tls: SecureContextOptions;
  headers: Record<string, string>;
  pid: number;
  stop(): Promise<void>;
}

export const podsPath = '/api/v1/namespaces/default/pods';

const ticksPerSecond = 100;

/** Seconds of CPU that a process has used so far, in user and kernel mode (`/proc/PID/stat`). */
export async function cpuSeconds(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** Memory of a process in MB (VmRSS). */
export async function residentMb(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(text)?.[1] ?? 0) / 1024);
}
