import { readFileSync } from 'node:fs';
import { isRunning } from '@podling/shared/process';
import type { PodSandboxConfig, PodSandboxMetadata } from '../cri.ts';

/** Written when the sandbox is ready: one without a record was never finished. */
export interface SandboxRecord {
  id: string;
  config: PodSandboxConfig;
  createdAtMs: number;
  ip: string;
  pid: number;
  /** Tells the pause process from a later one with the same PID. */
  pidStartTime: string;
  /** Times of processes count from the machine's start. Absent in records of before it was noted. */
  bootId?: string;
}

/** Of this run of the machine. */
export const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

/** As long as its pause process lives, the namespaces and the address are there. The kernel says so, nobody else need be asked. */
export function isReady({ pid, pidStartTime, bootId: madeIn = bootId }: Pick<SandboxRecord, 'pid' | 'pidStartTime' | 'bootId'>): boolean {
  return madeIn === bootId && isRunning({ pid, startTime: pidStartTime });
}

/** The name of a sandbox's folder, and the key of its record. */
export function sandboxKey({ uid, attempt }: PodSandboxMetadata): string {
  return `${uid}-${attempt}`;
}

/** nerdctl's name of the pause container. */
export function pauseName(key: string): string {
  return `${key}-pause`;
}

export function hasNodeNetwork({ namespaces }: PodSandboxConfig): boolean {
  return namespaces?.network === 'NODE';
}
