import { readFileSync } from 'node:fs';
import type { AppArmorProfile, Pod } from '@podling/shared/api';
import { normalSysctl } from '../runtime/sysctl-name.ts';
import type { Rejection } from './admission.ts';

type Namespace = 'IPC' | 'Net';

/** Of their namespace, and without influence on another pod. */
const safeSysctls = [
  'kernel.shm_rmid_forced',
  ...[
    'ip_local_port_range', 'tcp_syncookies', 'ping_group_range', 'ip_unprivileged_port_start', 'ip_local_reserved_ports', 'tcp_keepalive_time',
    'tcp_fin_timeout', 'tcp_keepalive_intvl', 'tcp_keepalive_probes', 'tcp_rmem', 'tcp_wmem',
  ].map((name) => `net.ipv4.${name}`),
];

/** `kernel.shm` and `kernel.msg` stand for the patterns `kernel.shm*` and `kernel.msg*`. */
const ipcSysctls = new Set(['sem', 'shm', 'shmall', 'shmmax', 'shmmni', 'shm_rmid_forced', 'msg', 'msgmax', 'msgmnb', 'msgmni'].map((name) => `kernel.${name}`));

/**
 * The sysctls that pods of this node may set. Upstream twin: kubelet `sysctl.patternAllowlist`.
 */
export class SysctlAllowlist {
  readonly #allowed: { name: string; prefix: boolean; namespace: Namespace }[];

  /** `unsafe` are names, or patterns that end in `*`. Throws for one that belongs to no namespace of a pod. */
  constructor(unsafe: readonly string[] = []) {
    this.#allowed = [...safeSysctls, ...unsafe].map((pattern) => {
      const prefix = pattern.includes('*');
      const name = normalSysctl(pattern).replace(/\*.*$/, '');
      const namespace = namespaceOfSysctl(name);
      if (namespace === undefined) throw new Error(`the sysctls "${name}" are not known to be namespaced`);
      return { name, prefix, namespace };
    });
  }

  admit({ spec }: Pod): Rejection | undefined {
    for (const { name } of spec.securityContext?.sysctls ?? []) {
      const problem = this.#problem(normalSysctl(name), spec);
      if (problem !== undefined) return { reason: 'SysctlForbidden', message: `Pod was rejected: forbidden sysctl: ${problem}` };
    }
    return undefined;
  }

  #problem(sysctl: string, { hostNetwork, hostIPC }: Pod['spec']): string | undefined {
    const exact = this.#allowed.find(({ name, prefix }) => !prefix && name === sysctl);
    const allowed = exact ?? this.#allowed.find(({ name, prefix }) => prefix && sysctl.startsWith(name));
    if (allowed === undefined) return `"${sysctl}" not allowlisted`;
    const isNodes = allowed.namespace === 'IPC' ? hostIPC : hostNetwork;
    return isNodes ? `"${sysctl}" not allowed with host ${allowed.namespace} enabled` : undefined;
  }
}

function namespaceOfSysctl(name: string): Namespace | undefined {
  if (name.startsWith('net.')) return 'Net';
  return ipcSysctls.has(name) || name.startsWith('fs.mqueue.') ? 'IPC' : undefined;
}

/** A pod that names a profile of AppArmor does not run without. Upstream twin: kubelet `appArmorAdmitHandler`. */
export function admitAppArmor(pod: Pod, isEnabled: boolean): Rejection | undefined {
  if (isEnabled || !wantsAppArmor(pod)) return undefined;
  return { reason: 'AppArmor', message: 'Pod was rejected: Cannot enforce AppArmor: AppArmor is not enabled on the host' };
}

function wantsAppArmor({ spec }: Pod): boolean {
  const containers = [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])];
  const profiles = [spec, ...containers].map(({ securityContext }): AppArmorProfile | undefined => securityContext?.appArmorProfile);
  return profiles.some((profile) => profile !== undefined && profile.type !== 'Unconfined');
}

/** Whether the kernel has AppArmor switched on. */
export function hasAppArmor(path = '/sys/module/apparmor/parameters/enabled'): boolean {
  try {
    return readFileSync(path, 'utf8').startsWith('Y');
  } catch {
    return false;
  }
}
