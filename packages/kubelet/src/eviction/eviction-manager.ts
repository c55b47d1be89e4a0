import { keyOf, type Pod } from '@podling/shared/api';
import { Background, type Clock, type Logger } from '@podling/shared/util';
import { isCriticalPod } from '../pod/critical-pod.ts';
import type { PodStats, Summary } from '../stats/summary.ts';
import { isDiskSignal, nodeReclaims, withContainerFs, type DiskLayout, type NodeReclaim } from './disk-layout.ts';
import type { EvictionMetrics } from './eviction-metrics.ts';
import { evictionNotice } from './eviction-message.ts';
import { hasLocalLimit, violatedLimit } from './local-storage-limits.ts';
import { metThresholds, nextState, noPressure, type PressureState } from './pressure-state.ts';
import { rankPods, statsByUid, type StatsOf } from './rank-pods.ts';
import { observe, signalTraits, type PressureCondition } from './signals.ts';
import { isHard, type Threshold } from './thresholds.ts';

export interface EvictionConfig {
  thresholds: readonly Threshold[];
  /** At most so long a pod may take to end when a soft threshold is met. */
  maxPodGracePeriodSeconds: number;
  /** How long a condition stays after the last time it was seen. */
  pressureTransitionPeriodMs: number;
  /** Whether limits of emptyDir volumes and of ephemeral storage count. */
  localStorageCapacityIsolation: boolean;
}

/** How a pod is to be ended. */
export interface EvictionOrder {
  message: string;
  gracePeriodSeconds: number;
  /** Of the Event. */
  annotations: Record<string, string>;
  /** For the node's sake, not for what the pod has done itself: its status gets the condition DisruptionTarget. */
  isDisruption: boolean;
}

export interface EvictionManagerOptions {
  config: EvictionConfig;
  /** The node now, and those of the pods. */
  look: (pods: (pod: Pod) => boolean) => Promise<Summary>;
  /** All pods, their volumes measured anew if that is asked for: whoever has filled the disk has done so lately. */
  measure: (volumes: boolean) => Promise<Summary>;
  diskLayout: () => Promise<DiskLayout>;
  /** Pods that may run and that were not evicted yet. */
  activePods: () => Pod[];
  /** Ends the pod and tells its user; comes back at once. */
  evict: (pod: Pod, order: EvictionOrder) => void;
  /** Whether nothing runs of it and what it held is released. */
  hasEnded: (pod: Pod) => boolean;
  /** Frees what no pod needs. */
  reclaim: Readonly<Record<NodeReclaim, () => Promise<void>>>;
  /** `Attempting to reclaim memory`, about the node. */
  onThresholdMet: (message: string) => void;
  /** Conditions have changed. */
  onConditions: () => void;
  metrics: EvictionMetrics;
  clock: Clock;
  logger: Logger;
}

/** Kubernetes' `evictionMonitoringPeriod`. */
const periodMs = 10_000;
/** Kubernetes' `podCleanupTimeout` and `podCleanupPollFreq`. */
const cleanUpTimeoutMs = 30_000;
const cleanUpPollMs = 1_000;
/** Kubernetes' `immediateEvictionGracePeriodSeconds`. */
const immediateGracePeriodSeconds = 1;

/**
 * Keeps the node from running out of memory, disk, inodes or process ids: looks at it every ten seconds, frees what nobody
 * needs, and ends one pod at a time until there is enough again. Pods past a limit of their own on the disk are ended as
 * well. Says which pressure conditions the node has. Pods are measured only if they have such a limit, or one must go.
 * Upstream twin: eviction `managerImpl`.
 */
export class EvictionManager {
  readonly #options: EvictionManagerOptions;
  readonly #background = new Background('the kubelet', () => this.#run());
  #state: PressureState = noPressure;
  #layout: DiskLayout | undefined;
  #thresholds: readonly Threshold[] = [];

  constructor(options: EvictionManagerOptions) {
    this.#options = options;
  }

  /** In alphabetical order. */
  conditions(): readonly PressureCondition[] {
    return this.#state.conditions;
  }

  start(): void {
    const { thresholds, localStorageCapacityIsolation } = this.#options.config;
    if (thresholds.length > 0 || localStorageCapacityIsolation) this.#background.start();
  }

  stop(): Promise<void> {
    return this.#background.stop();
  }

  async #run(): Promise<void> {
    const { clock, logger } = this.#options;
    const { signal } = this.#background;
    while (!signal.aborted) {
      const evicted = await this.#synchronize().catch((error: unknown) => {
        if (!signal.aborted) logger.warn({ err: error }, 'eviction manager: cannot look at the node');
        return [];
      });
      if (evicted.length > 0) await this.#cleanedUp(evicted);
      else await clock.sleep(periodMs, signal).catch(() => undefined);
    }
  }

  /** Before the next look: the room that these pods leave is to be seen. */
  async #cleanedUp(pods: readonly Pod[]): Promise<void> {
    const { clock, hasEnded, logger } = this.#options;
    const deadlineMs = clock.monotonic() + cleanUpTimeoutMs;
    while (!this.#background.signal.aborted && clock.monotonic() < deadlineMs) {
      await clock.sleep(cleanUpPollMs, this.#background.signal).catch(() => undefined);
      if (pods.every(hasEnded)) return;
    }
    if (!this.#background.signal.aborted) logger.warn({ pods: pods.map(keyOf) }, 'eviction manager: pods have not ended in time');
  }

  /** One look; returns the pods that have to go. */
  async #synchronize(): Promise<Pod[]> {
    const { config, look, activePods, clock } = this.#options;
    const layout = await this.#diskLayout();
    const measured = await look((pod) => config.localStorageCapacityIsolation && hasLocalLimit(pod));
    if (this.#background.signal.aborted) return [];
    const observations = observe(measured);
    const { state, starved } = nextState(this.#state, this.#thresholds, observations, config.pressureTransitionPeriodMs, clock.monotonic());
    this.#note(state);
    const overdrawn = config.localStorageCapacityIsolation ? this.#enforceLimits(activePods(), statsByUid(measured.pods), layout) : [];
    if (overdrawn.length > 0) return overdrawn;
    return starved.length === 0 ? [] : this.#relieve(starved, layout);
  }

  async #diskLayout(): Promise<DiskLayout> {
    if (this.#layout !== undefined) return this.#layout;
    this.#layout = await this.#options.diskLayout();
    this.#thresholds = withContainerFs(this.#layout, this.#options.config.thresholds);
    return this.#layout;
  }

  #note(state: PressureState): void {
    const { logger, onConditions } = this.#options;
    const before = this.#state.conditions.join();
    this.#state = state;
    if (state.conditions.join() === before) return;
    logger.info({ conditions: state.conditions }, 'eviction manager: pressure on the node has changed');
    onConditions();
  }

  #enforceLimits(pods: readonly Pod[], statsOf: StatsOf, layout: DiskLayout): Pod[] {
    const { evict, metrics } = this.#options;
    return pods.filter((pod) => {
      const stats = isCriticalPod(pod) ? undefined : statsOf(pod);
      const violation = stats && this.#violation(pod, stats, layout);
      if (violation === undefined) return false;
      evict(pod, { message: violation.message, gracePeriodSeconds: immediateGracePeriodSeconds, annotations: {}, isDisruption: false });
      metrics.evicted(violation.signal);
      return true;
    });
  }

  /** A limit that cannot be read is no reason to leave the other pods unwatched. */
  #violation(pod: Pod, stats: PodStats, layout: DiskLayout) {
    try {
      return violatedLimit(pod, stats, layout);
    } catch (error) {
      this.#options.logger.warn({ err: error, pod: keyOf(pod) }, 'eviction manager: cannot read the limits of a pod');
      return undefined;
    }
  }

  async #relieve(starved: readonly Threshold[], layout: DiskLayout): Promise<Pod[]> {
    const { onThresholdMet, logger } = this.#options;
    const threshold = starved.find(({ signal }) => signalTraits[signal].resource === 'memory') ?? starved[0];
    if (threshold === undefined) return [];
    const { resource } = signalTraits[threshold.signal];
    onThresholdMet(`Attempting to reclaim ${resource}`);
    if (await this.#reclaimFromNode(threshold, layout)) {
      logger.info({ resource }, 'eviction manager: enough was reclaimed without a pod');
      return [];
    }
    return this.#evictOne(threshold, starved, layout);
  }

  /** Whether all thresholds are content after it. */
  async #reclaimFromNode({ signal }: Threshold, layout: DiskLayout): Promise<boolean> {
    const { reclaim, look, logger } = this.#options;
    const reclaims = nodeReclaims(layout, signal);
    for (const what of reclaims) {
      await reclaim[what]().catch((error: unknown) => logger.warn({ err: error, what }, 'eviction manager: cannot reclaim'));
    }
    if (reclaims.length === 0) return false;
    return metThresholds(this.#thresholds, observe(await look(() => false)), true).length === 0;
  }

  async #evictOne(threshold: Threshold, starved: readonly Threshold[], layout: DiskLayout): Promise<Pod[]> {
    const { measure, activePods, evict, metrics, logger } = this.#options;
    const statsOf = statsByUid((await measure(isDiskSignal(threshold.signal))).pods);
    if (this.#background.signal.aborted) return [];
    const ranked = rankPods(activePods(), statsOf, threshold.signal, layout);
    const pod = ranked.find((candidate) => !isCriticalPod(candidate));
    logger.info({ signal: threshold.signal, pods: ranked.map(keyOf), disk: isDiskSignal(threshold.signal) ? layout : undefined }, 'eviction manager: pods are ranked');
    if (pod === undefined) {
      logger.error('eviction manager: no pod can be evicted');
      return [];
    }
    const { resource } = signalTraits[threshold.signal];
    const notice = evictionNotice(pod, statsOf(pod), resource, starved, this.#state.observations);
    evict(pod, { ...notice, gracePeriodSeconds: this.#graceOf(pod, threshold), isDisruption: true });
    metrics.evicted(threshold.signal);
    return [pod];
  }

  #graceOf({ spec }: Pod, threshold: Threshold): number {
    if (isHard(threshold)) return immediateGracePeriodSeconds;
    const { maxPodGracePeriodSeconds } = this.#options.config;
    return Math.min(spec.terminationGracePeriodSeconds ?? maxPodGracePeriodSeconds, maxPodGracePeriodSeconds);
  }
}
