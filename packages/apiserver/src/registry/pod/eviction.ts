import {
  disruptionAllowed, disruptionTarget, formatTime, isConflict, isPodReady, isPodTerminal, newForbidden, newStatusError, newTooManyRequests, selectsLabels,
  verdictOf, withDisruptionAllowed, withPodCondition,
} from '@podling/shared/api';
import type { Pod, PodDisruptionBudget, PodDisruptionBudgetStatus } from '@podling/shared/api';
import type { RegistryStore } from '../generic/registry-store.ts';
import { checkPreconditions } from '../rest/before-delete.ts';
import type { DeleteRequest } from '../rest/strategy.ts';

export interface EvictionStores {
  pods: RegistryStore<Pod>;
  podStatus: RegistryStore<Pod>;
  budgets: RegistryStore<PodDisruptionBudget>;
  budgetStatus: RegistryStore<PodDisruptionBudget>;
}

interface EvictionRequest {
  namespace: string;
  name: string;
  request: DeleteRequest;
  dryRun: boolean;
}

const maxAttempts = 20;
/** Evictions that the controller has not seen come true; beyond that something is wrong with it. */
const maxDisruptedPods = 2000;
const refused = "Cannot evict pod as it would violate the pod's disruption budget.";

const cause = (message: string) => [{ reason: 'DisruptionBudget', message }];

function newStillProcessed(budgetName: string): Error {
  return newTooManyRequests(refused, 10, cause(`The disruption budget ${budgetName} is still being processed by the server.`));
}

/** Nobody is served by it, or nobody has been yet: no budget counts it. */
function isBeyondBudgets(pod: Pod): boolean {
  return isPodTerminal(pod) || pod.status?.phase === 'Pending' || pod.metadata.deletionTimestamp !== undefined;
}

function whyNot({ metadata: { name } }: PodDisruptionBudget, status: PodDisruptionBudgetStatus): string {
  const condition = disruptionAllowed(status);
  const said = condition?.status === 'False' && condition.message !== '' ? condition : undefined;
  if (said?.reason === 'SyncFailed') return `The disruption budget ${name} does not allow evicting pods currently because it failed sync: ${said.message}`;
  const { desiredHealthy, currentHealthy } = status;
  if (currentHealthy <= desiredHealthy) return `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`;
  const reason = said ? ` (${said.reason}): ${said.message}` : '';
  return `The disruption budget ${name} does not allow evicting pods currently${reason}`;
}

/** Throws 429 where the budget allows no more, with the reason as a cause. */
function checkBudget(budget: PodDisruptionBudget, status: PodDisruptionBudgetStatus): void {
  const { name, generation = 0 } = budget.metadata;
  const forbid = (why: string): never => {
    throw newForbidden({ group: 'policy', resource: 'poddisruptionbudget' }, name, why);
  };
  if ((status.observedGeneration ?? 0) < generation) throw newStillProcessed(name);
  if (status.disruptionsAllowed < 0) forbid('pdb disruptions allowed is negative');
  if (Object.keys(status.disruptedPods ?? {}).length > maxDisruptedPods) {
    forbid('DisruptedPods map too big - too many evictions not confirmed by PDB controller');
  }
  if (status.disruptionsAllowed === 0) throw newTooManyRequests(refused, 0, cause(whyNot(budget, status)));
}

const uncounted: PodDisruptionBudgetStatus = { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 };

/** The budget with one disruption less, and who it is for: the controller leaves that pod out until it is gone. */
function spend(budget: PodDisruptionBudget, podName: string, nowMs: number): PodDisruptionBudget {
  const status = budget.status ?? uncounted;
  checkBudget(budget, status);
  const next = {
    ...status,
    disruptionsAllowed: status.disruptionsAllowed - 1,
    disruptedPods: { ...status.disruptedPods, [podName]: formatTime(new Date(nowMs)) },
  };
  const isLast = next.disruptionsAllowed === 0;
  return { ...structuredClone(budget), status: isLast ? withDisruptionAllowed(next, verdictOf(next), nowMs) : next };
}

/** An unready pod serves nobody: it may go where that is said, or where enough others are healthy. */
function isFree(pod: Pod, { spec, status = uncounted }: PodDisruptionBudget): boolean {
  if (isPodReady(pod)) return false;
  if (spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true;
  return status.desiredHealthy > 0 && status.currentHealthy >= status.desiredHealthy;
}

/** Deletes pods as far as their disruption budgets allow. Upstream twin: `EvictionREST`. */
export class Evictions {
  readonly #stores: EvictionStores;

  constructor(stores: EvictionStores) {
    this.#stores = stores;
  }

  /** Throws 429 with the cause `DisruptionBudget` where a budget stands against it, 409 where it is not the pod that was meant. */
  async evict(wanted: EvictionRequest): Promise<void> {
    const pod = await this.#evictUncounted(wanted);
    if (!pod) return;
    const budget = await this.#budgetOf(pod);
    if (!budget) return this.#delete(wanted);
    if (isFree(pod, budget)) return this.#deleteAsSeen(wanted, pod, budget);
    await this.#spend(budget, wanted);
    return this.#delete(wanted);
  }

  /** Deletes a pod that no budget counts; else answers it. A pod that changes meanwhile is looked at again. */
  async #evictUncounted(wanted: EvictionRequest): Promise<Pod | undefined> {
    for (let attempt = 1; ; attempt += 1) {
      const pod = await this.#stores.pods.get(wanted.namespace, wanted.name);
      if (!isBeyondBudgets(pod)) return pod;
      const isPending = !isPodTerminal(pod) && pod.metadata.deletionTimestamp === undefined;
      try {
        await this.#delete(isPending ? asSeen(wanted, pod) : wanted);
        return undefined;
      } catch (error) {
        if (!isConflict(error) || isExact(wanted) || attempt === maxAttempts) throw error;
      }
    }
  }

  async #budgetOf({ metadata: { namespace = '', labels } }: Pod): Promise<PodDisruptionBudget | undefined> {
    const { items } = await this.#stores.budgets.list(namespace);
    const [budget, other] = items.filter(({ spec }) => selectsLabels(spec?.selector, labels));
    if (!other) return budget;
    const message = 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.';
    throw newStatusError({ code: 500, reason: 'InternalError', message });
  }

  async #spend(budget: PodDisruptionBudget, { namespace, name, dryRun }: EvictionRequest): Promise<void> {
    const { budgetStatus } = this.#stores;
    await budgetStatus.update(namespace, budget.metadata.name, (current) => spend(current, name, budgetStatus.clock.now()), { dryRun });
  }

  /** Only if the pod is still as it was decided on: it may have become ready. */
  async #deleteAsSeen(wanted: EvictionRequest, pod: Pod, budget: PodDisruptionBudget): Promise<void> {
    try {
      await this.#delete(asSeen(wanted, pod));
    } catch (error) {
      throw isConflict(error) && !isExact(wanted) ? newStillProcessed(budget.metadata.name) : error;
    }
  }

  async #delete({ namespace, name, request, dryRun }: EvictionRequest): Promise<void> {
    if (dryRun) {
      await this.#stores.pods.delete(namespace, name, request, { dryRun });
      return;
    }
    const { metadata } = await this.#mark(namespace, name, request);
    const { preconditions } = request;
    const now = preconditions?.resourceVersion === undefined || metadata.resourceVersion === undefined ? {} : { resourceVersion: metadata.resourceVersion };
    await this.#stores.pods.delete(namespace, name, { ...request, ...(preconditions && { preconditions: { ...preconditions, ...now } }) });
  }

  #mark(namespace: string, name: string, request: DeleteRequest): Promise<Pod> {
    const { podStatus } = this.#stores;
    return podStatus.update(namespace, name, (pod) => {
      checkPreconditions(podStatus.strategy, pod, request);
      const condition = { type: disruptionTarget, status: 'True' as const, reason: 'EvictionByEvictionAPI', message: 'Eviction API: evicting' };
      return withPodCondition(structuredClone(pod), condition, podStatus.clock.now());
    });
  }
}

const isExact = ({ request: { preconditions } }: EvictionRequest): boolean => preconditions?.resourceVersion !== undefined;

/** Of this very state of the pod, unless the client says which. */
function asSeen(wanted: EvictionRequest, { metadata: { resourceVersion } }: Pod): EvictionRequest {
  if (isExact(wanted) || resourceVersion === undefined) return wanted;
  const { request } = wanted;
  return { ...wanted, request: { ...request, preconditions: { ...request.preconditions, resourceVersion } } };
}
