import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isRunning, mountPointsBelow } from '@podling/shared/process';
import type { Clock, Logger } from '@podling/shared/util';
import { removeCgroup } from './cgroup.ts';
import { exec } from './exec.ts';
import { cgroupsOf, descendantsOf, readProcesses, signal } from './process-table.ts';
import type { ProcessEntry } from './process-table.ts';

export interface ShimsOptions {
  address: string;
  namespace: string;
  toolchainDir: string;
  clock: Clock;
  logger: Logger;
}

interface Shim {
  /** The container that it was started for; others of the same pod may live in it. */
  id: string;
  process: ProcessEntry;
}

const SHIM = 'containerd-shim-runc-v2';
const CONTAINER_ID = /^[0-9a-f]{64}$/;
const DELETE_TIMEOUT_MS = 20_000;
const GRACE_MS = 1_500;
const POLL_MS = 25;
const ROUND_MS = 500;
const ROUNDS = 20;

/**
 * The shims of one containerd in one namespace. containerd ends them itself, but for those that it was just starting
 * when it was killed: after its restart it knows them no more, and what they run stays.
 */
export class Shims {
  readonly #options: ShimsOptions;
  readonly #ending = new Map<string, Promise<void>>();
  /** Where containerd keeps this namespace's bundles; learnt from a shim. */
  #bundles: string | undefined;

  constructor(options: ShimsOptions) {
    this.#options = options;
  }

  /** The containers that have a shim or a bundle, whether containerd knows them or not. */
  ids(): Set<string> {
    const shims = this.#list().map(({ id }) => id);
    const bundles = this.#bundles !== undefined && existsSync(this.#bundles) ? readdirSync(this.#bundles) : [];
    return new Set([...shims, ...bundles.filter((id) => CONTAINER_ID.test(id))]);
  }

  #list(): Shim[] {
    return readProcesses().flatMap((process) => {
      const id = shimContainer(process.words, this.#options);
      if (id === undefined) return [];
      const bundle = bundleOf(process.pid, this.#options.namespace, id);
      if (bundle !== undefined) this.#bundles = dirname(bundle);
      return [{ id, process }];
    });
  }

  /**
   * Ends the shim of a container that containerd does not know (any more), with all that it runs; none is success.
   * One that is just shutting down is given the time. Any number of callers at once is fine.
   */
  end(id: string): Promise<void> {
    const running = this.#ending.get(id);
    if (running !== undefined) return running;
    const ending = this.#end(id).finally(() => this.#ending.delete(id));
    this.#ending.set(id, ending);
    return ending;
  }

  async #end(id: string): Promise<void> {
    const shims = this.#list().filter((shim) => shim.id === id);
    await this.#gone(shims.map(({ process }) => process), GRACE_MS);
    for (const shim of shims.filter(({ process }) => isRunning(process))) await this.#endOne(shim);
    await this.#endStrays(id);
    const bundle = this.#bundles === undefined ? undefined : join(this.#bundles, id);
    if (bundle !== undefined && existsSync(bundle)) await this.#removeBundle(id, bundle);
  }

  /** What is in the container's cgroup though its shim has ended: a `runc init` that nobody would start. */
  async #endStrays(id: string): Promise<void> {
    const strays = readProcesses().map((process) => ({ process, cgroups: cgroupsOf(process.pid).filter((path) => basename(path) === id) }));
    const found = strays.filter(({ cgroups }) => cgroups.length > 0);
    for (const { process } of found) signal(process, 'SIGKILL');
    await this.#gone(found.map(({ process }) => process), ROUND_MS);
    await this.#removeCgroups(id, new Set(found.flatMap(({ cgroups }) => cgroups)));
  }

  async #endOne({ id, process }: Shim): Promise<void> {
    const { namespace, logger } = this.#options;
    const bundle = bundleOf(process.pid, namespace, id);
    const cgroups = new Set(bundle === undefined ? [] : cgroupsOfBundle(bundle));
    logger.warn({ container: id, pid: process.pid }, 'ending a shim that containerd does not know');
    for (let round = 0; round < ROUNDS && isRunning(process); round += 1) {
      // Stopped, it starts no more while its children are ended.
      signal(process, 'SIGSTOP');
      const family = descendantsOf(process.pid, readProcesses());
      for (const child of family) for (const path of cgroupsOf(child.pid)) if (CONTAINER_ID.test(basename(path))) cgroups.add(path);
      for (const child of family) signal(child, 'SIGKILL');
      if (family.length === 0) signal(process, 'SIGKILL');
      await this.#gone(family.length === 0 ? [process] : family, ROUND_MS);
    }
    if (bundle !== undefined) await this.#removeBundle(id, bundle);
    await this.#removeCgroups(id, cgroups);
  }

  async #removeCgroups(id: string, paths: ReadonlySet<string>): Promise<void> {
    const warn = (err: unknown): void => this.#options.logger.warn({ err, container: id }, 'cgroup not removed');
    for (const path of paths) await removeCgroup(path).catch(warn);
  }

  /** What containerd does for a shim that died: runc's own state, its hooks (which take the network down), the mounts. */
  async #removeBundle(id: string, bundle: string): Promise<void> {
    const { address, namespace, toolchainDir, logger } = this.#options;
    const bin = join(toolchainDir, 'bin');
    // Written by the shim before it asks runc for anything.
    if (existsSync(join(bundle, 'runtime'))) {
      const args = ['-namespace', namespace, '-address', address, '-publish-binary', join(bin, 'containerd'), '-id', id, '-bundle', bundle, 'delete'];
      const options = { cwd: bundle, env: { PATH: `${bin}:${process.env['PATH'] ?? ''}` }, timeoutMs: DELETE_TIMEOUT_MS };
      await exec(join(bin, SHIM), args, options).catch((err: unknown) => logger.warn({ err, container: id }, 'runc has not let go of a container'));
    }
    const socket = socketOf(bundle);
    if (socket !== undefined) rmSync(socket, { force: true });
    for (const mount of mountsBelow(bundle)) await exec('umount', ['--lazy', mount]);
    const work = linkTarget(join(bundle, 'work'));
    if (work !== undefined && basename(work) === id) rmSync(work, { recursive: true, force: true });
    rmSync(bundle, { recursive: true, force: true });
  }

  async #gone(processes: readonly ProcessEntry[], timeoutMs: number): Promise<void> {
    const { clock } = this.#options;
    const deadline = clock.monotonic() + timeoutMs;
    while (processes.some(isRunning) && clock.monotonic() < deadline) await clock.sleep(POLL_MS);
  }
}

/** The container id in the command line of a running shim of this containerd and namespace; undefined for all else. */
export function shimContainer(words: readonly string[], { address, namespace }: Pick<ShimsOptions, 'address' | 'namespace'>): string | undefined {
  const [command = '', ...args] = words;
  // With an action (`start`, `delete`) behind its flags it is a short run, not a shim.
  if (basename(command) !== SHIM || args.length % 2 !== 0) return undefined;
  const flags = new Map(args.flatMap((flag, index) => (index % 2 === 0 ? [[flag, args[index + 1] ?? '']] : [])) as [string, string][]);
  const id = flags.get('-id') ?? '';
  return flags.get('-address') === address && flags.get('-namespace') === namespace && CONTAINER_ID.test(id) ? id : undefined;
}

/** A shim works in its bundle, `STATE/io.containerd.runtime.v2.task/NAMESPACE/ID`. */
function bundleOf(pid: number, namespace: string, id: string): string | undefined {
  const folder = linkTarget(`/proc/${pid}/cwd`)?.replace(/ \(deleted\)$/, '');
  const isBundle = folder !== undefined && basename(folder) === id && basename(dirname(folder)) === namespace;
  return isBundle ? folder : undefined;
}

/** The shim's own socket, which lies outside of the bundle and outlives a shim that is killed. */
function socketOf(bundle: string): string | undefined {
  try {
    return /^unix:\/\/(\/.+)$/.exec(readFileSync(join(bundle, 'address'), 'utf8').trim())?.[1];
  } catch {
    return undefined;
  }
}

function cgroupsOfBundle(bundle: string): string[] {
  try {
    const { linux } = JSON.parse(readFileSync(join(bundle, 'config.json'), 'utf8')) as { linux?: { cgroupsPath?: string } };
    const path = linux?.cgroupsPath ?? '';
    return CONTAINER_ID.test(basename(path)) ? [path] : [];
  } catch {
    return [];
  }
}

/** Innermost first. */
function mountsBelow(folder: string): string[] {
  return mountPointsBelow(folder).filter((mount) => mount !== folder);
}

function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
