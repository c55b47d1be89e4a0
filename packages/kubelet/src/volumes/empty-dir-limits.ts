import { quantityToBytes, uidOf, type Pod } from '@podling/shared/api';
import type { Clock, Logger, Timer } from '@podling/shared/util';
import type { PodPaths } from '../runtime/pod-paths.ts';
import { diskUsage, type ExecText } from './disk-usage.ts';

export interface EmptyDirLimitsOptions {
  /** Those of this node that may run. */
  listPods: () => Pod[];
  paths: PodPaths;
  execText: ExecText;
  /** The pod uses more than it may; the message is for its user. */
  onExceeded: (pod: Pod, message: string) => void;
  clock: Clock;
  logger: Logger;
}

interface Limited {
  pod: Pod;
  name: string;
  path: string;
  sizeLimit: string;
}

/** Kubernetes' `monitoringInterval`. */
const periodMs = 10_000;
/** `system-node-critical` and `system-cluster-critical`, and what is above. */
const criticalPriority = 2_000_000_000;

/**
 * Finds emptyDir volumes on disk that have outgrown their `sizeLimit`; those in memory cannot. Nothing is run while no
 * pod has such a volume. Upstream twin: eviction manager `emptyDirLimitEviction`.
 */
export class EmptyDirLimits {
  readonly #options: EmptyDirLimitsOptions;
  #timer: Timer | undefined;
  #checking: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: EmptyDirLimitsOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#stopped) return;
    this.#timer = this.#options.clock.setTimeout(() => {
      this.#checking = this.#check().finally(() => this.start());
    }, periodMs);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#checking;
  }

  async #check(): Promise<void> {
    const { listPods, execText, onExceeded, logger } = this.#options;
    try {
      const limited = listPods().filter(({ spec }) => (spec.priority ?? 0) < criticalPriority).flatMap((pod) => this.#limitedOf(pod));
      const usage = await diskUsage(limited.map(({ path }) => path), execText);
      for (const { pod, name, path, sizeLimit } of limited) {
        // The blank at the end is Kubernetes'.
        if ((usage.get(path) ?? 0n) > quantityToBytes(sizeLimit)) onExceeded(pod, `Usage of EmptyDir volume "${name}" exceeds the limit "${sizeLimit}". `);
      }
    } catch (error) {
      logger.warn({ err: error }, 'cannot measure emptyDir volumes');
    }
  }

  #limitedOf(pod: Pod): Limited[] {
    return (pod.spec.volumes ?? []).flatMap(({ name, emptyDir }) => {
      const { medium = '', sizeLimit } = emptyDir ?? {};
      if (medium !== '' || sizeLimit === undefined || quantityToBytes(sizeLimit) <= 0n) return [];
      return [{ pod, name, sizeLimit, path: this.#options.paths.volume(uidOf(pod), 'empty-dir', name) }];
    });
  }
}
