import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { CriError } from '../cri.ts';
import type { ContainerSecurityContext } from '../cri.ts';
import { exec } from './exec.ts';

/** OCI `linux.seccomp`. */
export interface SeccompProfile {
  defaultAction: string;
  syscalls?: unknown[];
}

const MAX_PROFILE_BYTES = 1024 * 1024;
const MAX_REMEMBERED = 64;
const PRINT_TIMEOUT_MS = 10_000;

/**
 * Profiles of containers. The default one is containerd's own, which depends on the container's capabilities: a program
 * of the toolchain prints it, once for each set.
 */
export class SeccompProfiles {
  readonly #program: string;
  readonly #defaults = new Map<string, Promise<SeccompProfile>>();

  constructor(program: string) {
    this.#program = program;
  }

  /** Undefined: none. Fails with `InvalidArgument` for a profile file that is none. */
  async of({ seccomp = { type: 'RuntimeDefault' }, privileged = false }: ContainerSecurityContext, capabilities: readonly string[]): Promise<SeccompProfile | undefined> {
    if (privileged || seccomp.type === 'Unconfined') return undefined;
    return seccomp.type === 'Localhost' ? readProfile(seccomp.localhostRef) : this.#default(capabilities);
  }

  #default(capabilities: readonly string[]): Promise<SeccompProfile> {
    const names = capabilities.toSorted();
    const key = names.join(' ');
    const known = this.#defaults.get(key);
    if (known !== undefined) return known;
    const profile = exec(this.#program, names, { timeoutMs: PRINT_TIMEOUT_MS }).then((text) => JSON.parse(text) as SeccompProfile);
    if (this.#defaults.size >= MAX_REMEMBERED) this.#defaults.clear();
    this.#defaults.set(key, profile);
    profile.catch(() => this.#defaults.delete(key));
    return profile;
  }
}

function readProfile(path: string): SeccompProfile {
  try {
    return checked(JSON.parse(readBounded(path)));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CriError('InvalidArgument', `cannot load seccomp profile "${path}": ${why}`, { cause });
  }
}

function readBounded(path: string): string {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile() || stats.size > MAX_PROFILE_BYTES) throw new Error(`not a file of at most ${MAX_PROFILE_BYTES} bytes`);
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}

/** What is in the list is runc's to judge. */
function checked(value: unknown): SeccompProfile {
  const { defaultAction, syscalls = [] } = (value ?? {}) as Partial<Record<keyof SeccompProfile, unknown>>;
  if (typeof defaultAction !== 'string' || !Array.isArray(syscalls)) throw new Error('it needs a defaultAction and a list of syscalls');
  return value as SeccompProfile;
}
