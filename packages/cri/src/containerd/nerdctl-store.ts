import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock, Logger } from '@podling/shared/util';
import { readIfThere } from '../read-if-there.ts';
import { exec } from './exec.ts';

/** What of nerdctl's own files this package reads: they are under `DATA_ROOT/ADDRESS_HASH`. */
interface HostsMeta {
  Networks: Record<string, { ips?: { address: string }[] | null }>;
}

export interface NerdctlStoreOptions {
  /** nerdctl's `--data-root`. */
  dataRoot: string;
  namespace: string;
  clock: Clock;
  logger: Logger;
  /** How long what is to go is gathered. Default 2 s. */
  gatheringMs?: number;
}

const hostsStore = 'etchosts';
/** What is to go is gathered for so long: a program is started for many at once, and not while a pod starts. */
const GATHERING_MS = 2_000;

/**
 * nerdctl's records of its containers. nerdctl keeps them itself; two things it cannot do are done here: telling the
 * IP without another run of it, and letting go of what a killed `nerdctl run` left before there was a container.
 */
export class NerdctlStore {
  readonly #options: NerdctlStoreOptions;
  readonly #dataRoot: string;
  readonly #namespace: string;
  /** Paths in the hosts store of a root that are to go. */
  readonly #leaving = new Map<string, string[]>();

  constructor(options: NerdctlStoreOptions) {
    this.#options = options;
    this.#dataRoot = options.dataRoot;
    this.#namespace = options.namespace;
  }

  /** The container's address in `network` as CNI gave it; undefined when nerdctl has not noted one. */
  ip(id: string, network: string): string | undefined {
    for (const root of this.#roots()) {
      const text = readIfThere(join(root, hostsStore, this.#namespace, id, 'meta.json'));
      if (text === undefined) continue;
      const address = (JSON.parse(text) as HostsMeta).Networks[network]?.ips?.[0]?.address;
      return address?.split('/')[0];
    }
    return undefined;
  }

  /**
   * nerdctl writes the names of all containers that it has an address of into the hosts file of each, at every start and
   * end. The files of sandboxes are of no use: the container is left out soon. Its address is not known here any more then.
   */
  forgetAddress(id: string): void {
    for (const root of this.#roots()) this.#leave(root, join(root, hostsStore, this.#namespace, id, 'meta.json'));
  }

  /** The id that a name is reserved for. */
  owner(name: string): string | undefined {
    for (const root of this.#roots()) {
      const id = readIfThere(join(root, 'names', this.#namespace, name));
      if (id !== undefined) return id.trim();
    }
    return undefined;
  }

  /** Lets go of a name and of the folders of its owner, which has no container (any more). */
  release(name: string, id: string): void {
    for (const root of this.#roots()) {
      if (this.owner(name) === id) rmSync(join(root, 'names', this.#namespace, name), { force: true });
    }
    this.forget(id);
  }

  forget(id: string): void {
    if (id === '') return;
    for (const root of this.#roots()) this.#forget(root, id);
  }

  /** Folders of containers that are not among `living` and older than `minAgeMs`. */
  sweep(living: ReadonlySet<string>, nowMs: number, minAgeMs: number): void {
    for (const root of this.#roots()) {
      for (const kind of ['containers', hostsStore]) {
        const folder = join(root, kind, this.#namespace);
        const dead = list(folder).filter((id) => !living.has(id) && nowMs - statSync(join(folder, id)).mtimeMs > minAgeMs);
        for (const id of dead) this.#forget(root, id);
      }
    }
  }

  #forget(root: string, id: string): void {
    rmSync(join(root, 'containers', this.#namespace, id), { recursive: true, force: true });
    const hosts = join(root, hostsStore, this.#namespace, id);
    if (existsSync(hosts)) this.#leave(root, hosts);
  }

  /** A nerdctl that starts a container walks through the whole store, and fails over what goes meanwhile. */
  #leave(root: string, path: string): void {
    const waiting = this.#leaving.get(root);
    if (waiting !== undefined) return void waiting.push(path);
    this.#leaving.set(root, [path]);
    void this.#removeUnderLock(root);
  }

  async #removeUnderLock(root: string): Promise<void> {
    const { clock, logger, gatheringMs = GATHERING_MS } = this.#options;
    await clock.sleep(gatheringMs);
    const paths = this.#leaving.get(root) ?? [];
    this.#leaving.delete(root);
    try {
      await exec('flock', [join(root, hostsStore), 'rm', '-rf', '--', ...paths]);
    } catch (err) {
      logger.warn({ err, paths }, "left in nerdctl's hosts store until the next start");
    }
  }

  #roots(): string[] {
    return list(this.#dataRoot).map((hash) => join(this.#dataRoot, hash));
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
