import { readFileSync } from 'node:fs';
import { CriError } from '../cri.ts';
import type { ContainerSecurityContext } from '../cri.ts';

const ENABLED = '/sys/module/apparmor/parameters/enabled';
const PROFILES = '/sys/kernel/security/apparmor/profiles';
/** nerdctl loads it with the first container. */
const DEFAULT_PROFILE = 'nerdctl-default';

export interface AppArmor {
  enabled: boolean;
  /** Names of what is loaded. */
  profiles: ReadonlySet<string>;
}

export function appArmor(enabled = ENABLED, profiles = PROFILES): AppArmor {
  if (!read(enabled).startsWith('Y')) return { enabled: false, profiles: new Set() };
  return { enabled: true, profiles: new Set(read(profiles).split('\n').map((line) => line.replace(/ \([a-z]+\)$/, ''))) };
}

/** The profile's name for runc, or none. One that is asked for and cannot be had is refused. */
export function appArmorProfile({ appArmor: asked, privileged = false }: ContainerSecurityContext, node: AppArmor = appArmor()): string | undefined {
  if (asked?.type === 'Localhost') return localhost(asked.localhostRef, node);
  if (asked?.type === 'Unconfined' || (privileged && asked === undefined)) return undefined;
  return node.enabled && node.profiles.has(DEFAULT_PROFILE) ? DEFAULT_PROFILE : undefined;
}

function localhost(name: string, node: AppArmor): string {
  if (!node.enabled) throw new CriError('InvalidArgument', 'apparmor is not supported');
  if (!node.profiles.has(name)) throw new CriError('InvalidArgument', `apparmor profile not found ${name}`);
  return name;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
