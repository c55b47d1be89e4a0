import { readFileSync } from 'node:fs';
import type { ContainerSecurityContext } from '../cri.ts';

/** By bit, as in capabilities(7). */
const names = [
  'CHOWN', 'DAC_OVERRIDE', 'DAC_READ_SEARCH', 'FOWNER', 'FSETID', 'KILL', 'SETGID', 'SETUID', 'SETPCAP', 'LINUX_IMMUTABLE',
  'NET_BIND_SERVICE', 'NET_BROADCAST', 'NET_ADMIN', 'NET_RAW', 'IPC_LOCK', 'IPC_OWNER', 'SYS_MODULE', 'SYS_RAWIO', 'SYS_CHROOT',
  'SYS_PTRACE', 'SYS_PACCT', 'SYS_ADMIN', 'SYS_BOOT', 'SYS_NICE', 'SYS_RESOURCE', 'SYS_TIME', 'SYS_TTY_CONFIG', 'MKNOD', 'LEASE',
  'AUDIT_WRITE', 'AUDIT_CONTROL', 'SETFCAP', 'MAC_OVERRIDE', 'MAC_ADMIN', 'SYSLOG', 'WAKE_ALARM', 'BLOCK_SUSPEND', 'AUDIT_READ',
  'PERFMON', 'BPF', 'CHECKPOINT_RESTORE',
];

const defaults = [
  'CHOWN', 'DAC_OVERRIDE', 'FSETID', 'FOWNER', 'MKNOD', 'NET_RAW', 'SETGID', 'SETUID', 'SETFCAP', 'SETPCAP',
  'NET_BIND_SERVICE', 'SYS_CHROOT', 'KILL', 'AUDIT_WRITE',
];

/**
 * A container's capabilities, `CAP_…`. As containerd's CRI has it: `ALL` first, dropped over added, then the single ones
 * added, then those dropped. `all` is what this node can give.
 */
export function capabilities(context: ContainerSecurityContext = {}, all: readonly string[] = ownCapabilities()): string[] {
  if (context.privileged === true) return [...all];
  const [added, dropped] = [plain(context.addCapabilities), plain(context.dropCapabilities)];
  const base = dropped.includes('ALL') ? [] : added.includes('ALL') ? all : prefixed(defaults);
  const gone = new Set(prefixed(dropped));
  const single = prefixed(added.filter((name) => name !== 'ALL'));
  return [...new Set([...base, ...single])].filter((name) => !gone.has(name));
}

/** Those of this process: what it lacks it cannot give. */
export function ownCapabilities(status = readFileSync('/proc/self/status', 'utf8')): string[] {
  const bits = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  return prefixed(names.filter((_, bit) => (bits >> BigInt(bit)) & 1n));
}

function plain(list: readonly string[] = []): string[] {
  return list.map((name) => name.toUpperCase().replace(/^CAP_/, ''));
}

function prefixed(list: readonly string[]): string[] {
  return list.map((name) => `CAP_${name}`);
}
