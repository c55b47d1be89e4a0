import { ignoreNotFound, unlessNotFound } from '../not-found.ts';
import type { AddressLeases } from './address-leases.ts';
import type { ContainerdClient } from './containerd-client.ts';
import type { ContainerdContainer } from './containerd-types.ts';
import { labelKeys, listFilter } from './labels.ts';
import type { NerdctlCli } from './nerdctl-cli.ts';
import type { NerdctlStore } from './nerdctl-store.ts';
import type { Shims } from './shims.ts';
import { isAlive, SIGKILL } from './tasks.ts';
import type { Tasks } from './tasks.ts';

export interface SandboxContainersOptions {
  client: ContainerdClient;
  tasks: Tasks;
  nerdctl: NerdctlCli;
  store: NerdctlStore;
  leases: AddressLeases;
  shims: Shims;
}

const EXIT_TIMEOUT_MS = 10_000;

/** The pause containers as containerd and nerdctl have them, finished or not. */
export class SandboxContainers {
  readonly #options: SandboxContainersOptions;

  constructor(options: SandboxContainersOptions) {
    this.#options = options;
  }

  async list(filter = listFilter('sandbox')): Promise<ContainerdContainer[]> {
    const { containers } = await this.#options.client.call<{ containers: ContainerdContainer[] }>('containers', 'list', { filters: [filter] });
    return containers;
  }

  async find(id: string): Promise<ContainerdContainer | undefined> {
    const answer = await unlessNotFound(this.#options.client.call<{ container: ContainerdContainer }>('containers', 'get', { id }));
    return answer?.container.labels[labelKeys.kind] === 'sandbox' ? answer.container : undefined;
  }

  /** Every container that containerd knows, of whatever kind. */
  async knownIds(): Promise<Set<string>> {
    const { containers } = await this.#options.client.call<{ containers: ContainerdContainer[] }>('containers', 'list', { filters: [] });
    return new Set(containers.map(({ id }) => id));
  }

  /** The pause process ends, and the IP goes back. */
  async end(id: string): Promise<void> {
    const { tasks } = this.#options;
    await tasks.kill(id, SIGKILL);
    await tasks.waitForExit(id, EXIT_TIMEOUT_MS);
    // Deleting the task runs nerdctl's hook, which takes the network down.
    await tasks.delete(id);
  }

  /** With its task in any state, its address and its shim, even one that containerd has lost. */
  async remove(id: string): Promise<void> {
    const { client, tasks, nerdctl, store, leases, shims } = this.#options;
    const task = await tasks.get(id);
    if (isAlive(task)) await this.end(id);
    else if (task !== undefined) await tasks.delete(id);
    // What has a snapshot may have volumes, of which only nerdctl knows; the rest is quicker done without it.
    if ((await this.find(id))?.snapshotKey) await nerdctl.remove(id);
    else await ignoreNotFound(client.call('containers', 'delete', { id }));
    store.forget(id);
    await shims.end(id);
    leases.release(new Set([id]));
  }
}
