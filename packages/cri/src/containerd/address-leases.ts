import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { networkConfiguration } from './network-status.ts';

export interface AddressLeasesOptions {
  cniConfDir: string;
  network: string;
  /** containerd's: nerdctl's CNI container ids are `NAMESPACE-ID`. */
  namespace: string;
}

/**
 * The addresses that the CNI plugin host-local has given away: files named by IP in `IPAM.DATADIR/NETWORK`, each with
 * the id of its container. CNI gives them back itself, but for a `nerdctl run` that was killed after CNI ADD.
 */
export class AddressLeases {
  readonly #options: AddressLeasesOptions;

  constructor(options: AddressLeasesOptions) {
    this.#options = options;
  }

  /** The ids of this namespace's containers that have an address. */
  holders(): Set<string> {
    return new Set(this.#leases().map(({ id }) => id));
  }

  /** Gives back what is noted for these containers, which are no more. */
  release(ids: ReadonlySet<string>): void {
    for (const { path, id } of this.#leases()) if (ids.has(id)) rmSync(path, { force: true });
  }

  #leases(): { path: string; id: string }[] {
    const { namespace } = this.#options;
    return this.#folders().flatMap((folder) =>
      list(folder).filter((file) => isIP(file) !== 0).flatMap((file) => {
        const path = join(folder, file);
        const holder = firstLine(path);
        return holder.startsWith(`${namespace}-`) ? [{ path, id: holder.slice(namespace.length + 1) }] : [];
      }),
    );
  }

  #folders(): string[] {
    const { cniConfDir, network } = this.#options;
    const plugins = networkConfiguration(cniConfDir, network)?.plugins ?? [];
    return plugins.flatMap(({ ipam }) => (ipam?.type === 'host-local' && ipam.dataDir !== undefined ? [join(ipam.dataDir, network)] : []));
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function firstLine(path: string): string {
  try {
    return readFileSync(path, 'utf8').split(/\r?\n/)[0] ?? '';
  } catch {
    return '';
  }
}
