import { existsSync } from 'node:fs';
import { ask } from '../exec.ts';
import type { Packages } from './apt.ts';
import { hasCommand } from './probe.ts';

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
  const commands = Object.entries(systemCommands).filter(([command]) => !hasCommand(command));
  const packages = commands.map(([, name]) => name);
  return (await hasSeccomp()) ? packages : [...packages, seccompLibrary];
}

/** Installs them, or raises SourceUnavailableError with how to. */
export async function ensureSystemCommands(packages: Packages): Promise<void> {
  const missing = await missingPackages();
  if (missing.length > 0) await packages.install(missing);
}

/** The distribution's runc is linked against it. */
async function hasSeccomp(): Promise<boolean> {
  const libraries = await ask(existsSync('/sbin/ldconfig') ? '/sbin/ldconfig' : 'ldconfig', ['-p']);
  return libraries === undefined || libraries.includes('libseccomp.so.2');
}
