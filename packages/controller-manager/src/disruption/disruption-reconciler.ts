import { isDeepStrictEqual } from 'node:util';
import { disruptionAllowed, isConflict, isNotFound, isPodReady, namespaceOf, selectorText, selectsLabels, verdictOf, withDisruptionAllowed } from '@podling/shared/api';
import type { Pod, PodDisruptionBudget, PodDisruptionBudgetStatus } from '@podling/shared/api';
import type { Client } from '@podling/shared/client';
import type { ReconcileResult, Reconciler } from '@podling/shared/controller';
import type { EventRecorder } from '@podling/shared/events';
import type { Lister } from '@podling/shared/informer';
import type { Clock } from '@podling/shared/util';
import { expectedPodsOf, type ExpectedPods } from './expected-pods.ts';
import type { OwnerScales } from './owner-scales.ts';

/** An index that both listers must have. */
export const byNamespace = 'namespace';

/** How long after its eviction was granted a pod may show no sign of it. */
const deletionTimeoutMs = 2 * 60_000;

export interface DisruptionOptions {
  client: Client;
  budgets: Lister<PodDisruptionBudget>;
  pods: Lister<Pod>;
  scales: OwnerScales;
  recorder: EventRecorder;
  clock: Clock;
}

interface Disrupted {
  disruptedPods: Record<string, string>;
  /** When the first of them has had its time. */
  recheckMs?: number;
}

/**
 * Counts for each budget how many of its pods are healthy and so may go. The key is the budget's.
 * What cannot be counted allows nothing. Upstream twin: `DisruptionController`.
 */
export class DisruptionReconciler implements Reconciler {
  readonly name = 'disruption';
  readonly #options: DisruptionOptions;

  constructor(options: DisruptionOptions) {
    this.#options = options;
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const budget = this.#options.budgets.get(key);
    if (!budget) return {};
    try {
      return await this.#count(budget);
    } catch (error) {
      if (!isConflict(error)) await this.#allowNothing(budget, error instanceof Error ? error.message : String(error));
      throw error;
    }
  }

  async #count(budget: PodDisruptionBudget): Promise<ReconcileResult> {
    const { pods, clock } = this.#options;
    const selected = pods.byIndex(byNamespace, namespaceOf(budget)).filter(({ metadata }) => selectsLabels(budget.spec?.selector, metadata.labels));
    const expected = await this.#expected(budget, selected);
    const { disruptedPods, recheckMs } = this.#stillDisrupted(budget, selected);
    const currentHealthy = selected.filter((pod) => isHealthy(pod, disruptedPods)).length;
    await this.#write(budget, statusOf(budget, expected, { currentHealthy, disruptedPods }, clock.now()));
    return recheckMs === undefined ? {} : { requeueAfterMs: Math.max(0, recheckMs - clock.now()) };
  }

  async #expected(budget: PodDisruptionBudget, pods: readonly Pod[]): Promise<ExpectedPods> {
    const { recorder, scales } = this.#options;
    if (pods.length === 0) recorder.event(budget, 'Normal', 'NoPods', 'No matching pods found');
    try {
      const expected = await expectedPodsOf(budget.spec ?? {}, pods, scales);
      if (expected.unmanaged.length > 0) recorder.event(budget, 'Warning', 'UnmanagedPods', unmanagedText(budget));
      return expected;
    } catch (error) {
      recorder.event(budget, 'Warning', 'CalculateExpectedPodCountFailed', `Failed to calculate the number of expected pods: ${(error as Error).message}`);
      throw error;
    }
  }

  /** Of the evictions granted, those that are not seen yet; a pod that stays nevertheless counts again. */
  #stillDisrupted(budget: PodDisruptionBudget, pods: readonly Pod[]): Disrupted {
    const { recorder, clock } = this.#options;
    const disruptedPods: Record<string, string> = {};
    const deadlines: number[] = [];
    const grants = new Map(Object.entries(budget.status?.disruptedPods ?? {}));
    for (const pod of pods) {
      const { name, deletionTimestamp } = pod.metadata;
      const granted = grants.get(name);
      if (granted === undefined || deletionTimestamp !== undefined) continue;
      const deadlineMs = Date.parse(granted) + deletionTimeoutMs;
      if (deadlineMs < clock.now()) {
        recorder.event(pod, 'Warning', 'NotDeleted', `Pod was expected by PDB ${namespaceOf(budget)}/${budget.metadata.name} to be deleted but it wasn't`);
        continue;
      }
      disruptedPods[name] = granted;
      deadlines.push(deadlineMs);
    }
    return { disruptedPods, ...(deadlines.length > 0 && { recheckMs: Math.min(...deadlines) + 1 }) };
  }

  /** So that nobody is evicted on numbers that are no longer true. */
  async #allowNothing(budget: PodDisruptionBudget, message: string): Promise<void> {
    const status = { ...(budget.status ?? uncounted), disruptionsAllowed: 0 };
    const verdict = { status: 'False' as const, reason: 'SyncFailed', message };
    await this.#write(budget, withDisruptionAllowed(status, verdict, this.#options.clock.now()));
  }

  async #write(budget: PodDisruptionBudget, status: PodDisruptionBudgetStatus): Promise<void> {
    if (isDeepStrictEqual(status, budget.status)) return;
    try {
      await this.#options.client.podDisruptionBudgets(namespaceOf(budget)).updateStatus({ ...budget, status });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

const uncounted: PodDisruptionBudgetStatus = { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 };

function isHealthy(pod: Pod, disruptedPods: Record<string, string>): boolean {
  const { name, deletionTimestamp } = pod.metadata;
  return deletionTimestamp === undefined && !Object.hasOwn(disruptedPods, name) && isPodReady(pod);
}

type Counted = Pick<PodDisruptionBudgetStatus, 'currentHealthy'> & Pick<Disrupted, 'disruptedPods'>;

/** The present condition stays as it is where it says the same. */
function statusOf(budget: PodDisruptionBudget, expected: ExpectedPods, { currentHealthy, disruptedPods }: Counted, nowMs: number): PodDisruptionBudgetStatus {
  const { expectedPods, desiredHealthy } = expected;
  const conditions = budget.status?.conditions;
  // Without pods nothing is allowed: the first of them must not go before it is counted.
  const disruptionsAllowed = expectedPods > 0 ? Math.max(0, currentHealthy - desiredHealthy) : 0;
  const { generation = 0 } = budget.metadata;
  const status: PodDisruptionBudgetStatus = {
    disruptionsAllowed, currentHealthy, desiredHealthy, expectedPods,
    ...(generation > 0 && { observedGeneration: generation }),
    ...(Object.keys(disruptedPods).length > 0 && { disruptedPods }),
    ...(conditions && { conditions }),
  };
  const verdict = verdictOf(status);
  const { reason } = disruptionAllowed(status) ?? {};
  const isFresh = reason === verdict.reason && disruptionAllowed(status)?.observedGeneration === status.observedGeneration;
  return isFresh ? status : withDisruptionAllowed(status, verdict, nowMs);
}

function unmanagedText({ spec }: PodDisruptionBudget): string {
  return `Pods selected by this PodDisruptionBudget (selector: ${selectorText(spec?.selector)}) were found to be unmanaged. As a result, the status of the PDB `
    + 'cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.';
}
