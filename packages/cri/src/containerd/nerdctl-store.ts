import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readIfThere } from '../read-if-there.ts';

/** What of nerdctl's own files this package reads: they are under `DATA_ROOT/ADDRESS_HASH`. */
interface HostsMeta {
  Networks: Record<string, { ips?: { address: string }[] | null }>;
}

/**
 * nerdctl's records of its containers. nerdctl keeps them itself; two things it cannot do are done here: telling the
 * IP without another run of it, and letting go of what a killed `nerdctl run` left before there was a container.
 */
export class NerdctlStore {
  readonly #dataRoot: string;
  readonly #namespace: string;

  constructor(dataRoot: string, namespace: string) {
    this.#dataRoot = dataRoot;
    this.#namespace = namespace;
  }

  /** The container's address in `network` as CNI gave it; undefined when nerdctl has not noted one. */
  ip(id: string, network: string): string | undefined {
    for (const root of this.#roots()) {
      const text = readIfThere(join(root, 'etchosts', this.#namespace, id, 'meta.json'));
      if (text === undefined) continue;
      const address = (JSON.parse(text) as HostsMeta).Networks[network]?.ips?.[0]?.address;
      return address?.split('/')[0];
    }
    return undefined;
  }

  /**
   * nerdctl writes the names of all containers that it has an address of into the hosts file of each, at every start and
   * end. The files of sandboxes are of no use: the container is left out from now on. Its address is not known here any more.
   */
  forgetAddress(id: string): void {
    for (const root of this.#roots()) rmSync(join(root, 'etchosts', this.#namespace, id, 'meta.json'), { force: true });
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
    for (const folder of this.#containerFolders()) rmSync(join(folder, id), { recursive: true, force: true });
  }

  /** Folders of containers that are not among `living` and older than `minAgeMs`. */
  sweep(living: ReadonlySet<string>, nowMs: number, minAgeMs: number): void {
    for (const folder of this.#containerFolders()) {
      const dead = list(folder).filter((id) => !living.has(id) && nowMs - statSync(join(folder, id)).mtimeMs > minAgeMs);
      for (const id of dead) rmSync(join(folder, id), { recursive: true, force: true });
    }
  }

  #containerFolders(): string[] {
    return this.#roots().flatMap((root) => ['containers', 'etchosts'].map((kind) => join(root, kind, this.#namespace)));
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
