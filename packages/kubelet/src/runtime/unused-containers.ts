import type { CriRuntime } from '@podling/cri';
import type { Logger } from '@podling/shared/util';
import { removeDeadContainers } from './container-gc.ts';
import type { PodPaths } from './pod-paths.ts';
import type { StatusCache } from './status-cache.ts';

export interface UnusedContainersOptions {
  runtime: CriRuntime;
  statuses: Pick<StatusCache, 'listPods' | 'get' | 'refresh'>;
  paths: PodPaths;
  /** Whether nothing of the pod will ever run again, and its worker rests. */
  hasEnded: (uid: string) => boolean;
  logger: Logger;
}

/**
 * Images that containers were made of, by what the runtime calls them, and a way to be rid of what is left of pods that
 * have ended and are not deleted: their writable layers and logs take room that others need.
 * Upstream twin: kubecontainer `GC.DeleteAllUnusedContainers`.
 */
export class UnusedContainers {
  readonly #options: UnusedContainersOptions;

  constructor(options: UnusedContainersOptions) {
    this.#options = options;
  }

  async imagesInUse(): Promise<ReadonlySet<string>> {
    const { statuses } = this.#options;
    const pods = await statuses.listPods();
    const all = await Promise.all(pods.map(({ uid }) => statuses.get(uid)));
    return new Set(all.flatMap(({ containers }) => containers.map(({ imageId }) => imageId)));
  }

  /** One pod that resists does not keep the others. */
  async removeAll(): Promise<void> {
    const { statuses, hasEnded, logger } = this.#options;
    const pods = (await statuses.listPods()).filter(({ uid }) => hasEnded(uid));
    for (const { uid } of pods) {
      await this.#remove(uid).catch((error: unknown) => logger.warn({ err: error, uid }, 'cannot remove the containers of a pod that has ended'));
    }
  }

  async #remove(uid: string): Promise<void> {
    const { runtime, statuses, paths } = this.#options;
    const status = await statuses.refresh(uid);
    await removeDeadContainers(runtime, paths, status);
    await statuses.refresh(uid);
  }
}
