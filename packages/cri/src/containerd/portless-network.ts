import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readIfThere } from '../read-if-there.ts';
import { networkConfiguration } from './network-status.ts';

export interface PortlessNetworkOptions {
  cniConfDir: string;
  network: string;
  /** Of its own. Kept as long as there are sandboxes: the network of each is taken down by what lies here. */
  folder: string;
}

/**
 * The pod network for sandboxes without host ports: the same by name, addresses and plugins, but for the one that maps
 * ports. That one would look through the rules of the firewall at each sandbox's end, for nothing.
 */
export class PortlessNetwork {
  readonly #options: PortlessNetworkOptions;

  constructor(options: PortlessNetworkOptions) {
    this.#options = options;
  }

  /** The folder of its CNI configuration, as the node's own is now; that one itself where nothing can be left out. */
  confDir(): string {
    const { cniConfDir, network, folder } = this.#options;
    const configuration = networkConfiguration(cniConfDir, network);
    const plugins = configuration?.plugins?.filter(({ type }) => type !== 'portmap') ?? [];
    if (plugins.length === 0 || plugins.length === configuration?.plugins?.length) return cniConfDir;
    writeIfChanged(folder, `${network}.conflist`, JSON.stringify({ ...configuration, plugins }));
    return folder;
  }
}

function writeIfChanged(folder: string, name: string, text: string): void {
  const path = join(folder, name);
  if (readIfThere(path) === text) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}
