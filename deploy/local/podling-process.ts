import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { criToolchainBin, toolchainDir } from '@podling/shared/process';
import { managedProcess } from './managed-process.ts';
import type { ManagedProcess, ProcessSpec } from './managed-process.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** The environment of a node's processes: the toolchain first on PATH, with `cri` the containerd that serves CRI before it. */
export function toolEnvironment(cri = false): Record<string, string> {
  return { PATH: [...(cri ? [criToolchainBin()] : []), join(toolchainDir(), 'bin'), process.env['PATH'] ?? '', '/usr/sbin', '/sbin'].join(':') };
}

interface PodlingProcessSpec extends Omit<ProcessSpec, 'command'> {
  /** The launcher in `bin/`; the name by default. */
  launcher?: string;
  /** Words that the command line begins with, e.g. `nsenter --net=…`. */
  prefix?: string[];
}

/** A process of Podling's own. Its launcher replaces itself by Node, so the PID stays. */
export function podlingProcess({ launcher, prefix = [], ...spec }: PodlingProcessSpec): ManagedProcess {
  const [command = '', ...args] = [...prefix, join(repository, 'bin', launcher ?? spec.name), ...spec.args];
  return managedProcess({ ...spec, command, args, env: { ...toolEnvironment(), ...spec.env } });
}

/** Flags and their values as words; what is undefined is left out. */
export function flagWords(flags: Record<string, string | undefined>): string[] {
  return Object.entries(flags).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value]));
}
