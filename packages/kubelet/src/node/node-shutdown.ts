import type { Pod } from '@podling/shared/api';
import type { EventRecorder } from '@podling/shared/events';
import type { Clock, Logger } from '@podling/shared/util';
import { nodeReference } from './node-reference.ts';

/** How long pods have from a priority upwards. */
export interface ShutdownGracePeriod {
  priority: number;
  seconds: number;
}

export interface NodeShutdownOptions {
  /** From the lowest priority to the highest; empty: a shutdown is not waited for. */
  periods: readonly ShutdownGracePeriod[];
  nodeName: string;
  /** Pods that are not over. */
  activePods: () => Pod[];
  /** Ends a pod within a time, as failed. */
  end: (pod: Pod, gracePeriodSeconds: number) => void;
  /** Whether nothing is left of a pod but its status. */
  hasEnded: (pod: Pod) => boolean;
  /** The node's condition is another one. */
  onChange: () => void;
  recorder: Pick<EventRecorder, 'event'>;
  clock: Clock;
  logger: Logger;
}

const shutdownRejection = { reason: 'NodeShutdown', message: 'Pod was rejected as the node is shutting down.' };
export const shutdownEnd = { reason: 'Terminated', message: 'Pod was terminated in response to imminent node shutdown.' };

const lookPeriodMs = 100;

/**
 * What the kubelet does when the machine goes down: the node is not ready, new pods are refused, and those that run end,
 * from the lowest group of priorities to the highest, each group within its time. Upstream twin: `nodeshutdown.Manager`.
 */
export class NodeShutdown {
  readonly #options: NodeShutdownOptions;
  #shuttingDown = false;
  #running: Promise<void> | undefined;
  readonly #ending = new AbortController();

  constructor(options: NodeShutdownOptions) {
    this.#options = options;
  }

  /** Why the node is not ready, or undefined. */
  problem(): string | undefined {
    return this.#shuttingDown ? 'node is shutting down' : undefined;
  }

  /** Why a new pod is refused, or undefined. */
  rejection(): typeof shutdownRejection | undefined {
    return this.#shuttingDown ? shutdownRejection : undefined;
  }

  /** Resolves when every group has ended or its time is over; at once where no periods are configured. */
  begin(): Promise<void> {
    const { periods, logger } = this.#options;
    if (periods.length === 0) logger.warn('the node shuts down, and no shutdownGracePeriod is configured');
    if (periods.length === 0) return Promise.resolve();
    this.#running ??= this.#shutDown().finally(() => (this.#running = undefined));
    return this.#running;
  }

  /** The machine stays up after all: new pods are welcome. What has ended stays so. */
  cancel(): void {
    if (!this.#shuttingDown) return;
    this.#tell(false, 'Shutdown manager detected shutdown cancellation');
  }

  async stop(): Promise<void> {
    this.#ending.abort(new Error('the kubelet stops'));
    await this.#running?.catch(() => undefined);
  }

  async #shutDown(): Promise<void> {
    const { periods, activePods, logger } = this.#options;
    this.#tell(true, 'Shutdown manager detected shutdown event');
    for (const { seconds, pods } of groupByPriority(periods, activePods())) if (pods.length > 0) await this.#endGroup(pods, seconds);
    logger.info('all pods have ended or had their time, the node may go down');
  }

  #tell(shuttingDown: boolean, message: string): void {
    const { recorder, nodeName, onChange, logger } = this.#options;
    this.#shuttingDown = shuttingDown;
    logger.info(message);
    recorder.event(nodeReference(nodeName), 'Normal', 'NodeShutdown', message);
    onChange();
  }

  async #endGroup(pods: readonly Pod[], seconds: number): Promise<void> {
    const { end, hasEnded, clock } = this.#options;
    const deadlineMs = clock.monotonic() + seconds * 1_000;
    for (const pod of pods) end(pod, Math.min(seconds, pod.spec.terminationGracePeriodSeconds ?? seconds));
    while (clock.monotonic() < deadlineMs && !pods.every(hasEnded)) await clock.sleep(lookPeriodMs, this.#ending.signal);
  }
}

export interface ShutdownGroup extends ShutdownGracePeriod {
  pods: Pod[];
}

/** A pod belongs to the highest group that is not above its own priority, one below them all to the lowest; pure. */
export function groupByPriority(periods: readonly ShutdownGracePeriod[], pods: readonly Pod[]): ShutdownGroup[] {
  const groups = periods.map((period): ShutdownGroup => ({ ...period, pods: [] }));
  for (const pod of pods) {
    const group = groups.findLast(({ priority }) => priority <= (pod.spec.priority ?? 0)) ?? groups[0];
    group?.pods.push(pod);
  }
  return groups;
}
