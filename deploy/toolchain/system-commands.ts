import { existsSync } from 'node:fs';
import { ask } from '../exec.ts';
import type { Packages } from './apt.ts';
import { hasCommand } from './probe.ts';
import { SourceUnavailableError } from './tool.ts';

/** Commands of the system that a node runs, and the Debian package of each. */
export const systemCommands: Record<string, string> = {
  iptables: 'iptables',
  ip: 'iproute2',
  nsenter: 'util-linux',
  umount: 'mount',
  sysctl: 'procps',
  mkfifo: 'coreutils',
};

const seccompLibrary = 'libseccomp2';

/** Debian packages that a node needs and this machine lacks. */
export async function missingPackages(): Promise<string[]> {
  const packages = missingCommands().map((command) => systemCommands[command] ?? command);
  return (await hasSeccomp()) ? packages : [...packages, seccompLibrary];
}

/** Installs them, or raises SourceUnavailableError with what is missing and how to get it. */
export async function ensureSystemCommands(packages: Packages): Promise<void> {
  const missing = await missingPackages();
  if (missing.length === 0) return;
  try {
    await packages.install(missing);
  } catch (cause) {
    if (!(cause instanceof SourceUnavailableError)) throw cause;
    throw new SourceUnavailableError(`commands of the system (${missingCommands().join(', ')}): ${cause.message}`, { cause });
  }
}

function missingCommands(): string[] {
  return Object.keys(systemCommands).filter((command) => !hasCommand(command));
}

/** The distribution's runc is linked against it. */
async function hasSeccomp(): Promise<boolean> {
  const libraries = await ask(existsSync('/sbin/ldconfig') ? '/sbin/ldconfig' : 'ldconfig', ['-p']);
  return libraries === undefined || libraries.includes('libseccomp.so.2');
}
