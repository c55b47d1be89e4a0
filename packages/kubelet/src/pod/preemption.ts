import { qosClassOf, type Pod } from '@podling/shared/api';
import { requestOf, type Shortage } from './admission.ts';
import { isCriticalPod } from './critical-pod.ts';

/** How much of what is missing. */
interface Requirement {
  name: string;
  amount: bigint;
}

/** There are not enough pods that could go. */
export class PreemptionError extends Error {
  override readonly name = 'PreemptionError';
}

export const missingOf = ({ name, requested, used, capacity }: Shortage): Requirement => ({ name, amount: requested - (capacity - used) });

/**
 * The pods whose end makes room for a critical one: as few of the better classes as can be, and of one class as few and as
 * small as can be. Throws `PreemptionError`. Upstream twin: kubelet `preemption.getPodsToPreempt`.
 */
export function podsToPreempt(preemptor: Pod, pods: readonly Pod[], requirements: readonly Requirement[]): Pod[] {
  const preemptable = pods.filter((pod) => isPreemptable(preemptor, pod));
  const [bestEffort, burstable, guaranteed] = (['BestEffort', 'Burstable', 'Guaranteed'] as const).map((qosClass) => preemptable.filter(({ spec }) => qosClassOf(spec) === qosClass)) as [Pod[], Pod[], Pod[]];
  const unmet = without(requirements, preemptable);
  if (unmet.length > 0) throw noPods(unmet);
  const ofGuaranteed = closest(guaranteed, without(requirements, [...bestEffort, ...burstable]));
  const ofBurstable = closest(burstable, without(requirements, [...bestEffort, ...ofGuaranteed]));
  const ofBestEffort = closest(bestEffort, without(requirements, [...ofBurstable, ...ofGuaranteed]));
  return [...ofBestEffort, ...ofBurstable, ...ofGuaranteed];
}

function isPreemptable(preemptor: Pod, pod: Pod): boolean {
  if (isCriticalPod(preemptor) && !isCriticalPod(pod)) return true;
  const [mine, theirs] = [preemptor.spec.priority, pod.spec.priority];
  return mine !== undefined && theirs !== undefined && mine > theirs;
}

/** One after the other the pod that comes nearest to what is still missing; of two that come as near, the smaller one. */
function closest(pods: readonly Pod[], requirements: readonly Requirement[]): Pod[] {
  const chosen: Pod[] = [];
  let [left, missing] = [[...pods], requirements];
  while (missing.length > 0) {
    const open = missing;
    const [best] = left.toSorted((a, b) => distance(open, a) - distance(open, b) || compareSize(a, b));
    if (best === undefined) throw noPods(missing);
    chosen.push(best);
    left = left.filter((pod) => pod !== best);
    missing = without(missing, [best]);
  }
  return chosen;
}

/** Each requirement counts alike, by the share of it that the pod leaves open. */
function distance(requirements: readonly Requirement[], pod: Pod): number {
  return requirements.reduce((sum, { name, amount }) => {
    const open = Number(amount - requestOf(pod, name));
    return sum + (open > 0 ? (open / Number(amount)) ** 2 : 0);
  }, 0);
}

function compareSize(a: Pod, b: Pod): number {
  const [memory, cpu] = ['memory', 'cpu'].map((name) => Number(requestOf(a, name) - requestOf(b, name))) as [number, number];
  return memory || cpu;
}

/** What is missing once these pods are gone. */
function without(requirements: readonly Requirement[], pods: readonly Pod[]): Requirement[] {
  return requirements
    .map(({ name, amount }) => ({ name, amount: pods.reduce((left, pod) => left - requestOf(pod, name), amount) }))
    .filter(({ amount }) => amount > 0n);
}

function noPods(requirements: readonly Requirement[]): PreemptionError {
  const list = requirements.map(({ name, amount }) => `(res: ${name}, q: ${amount}), `).join('');
  return new PreemptionError(`no set of running pods found to reclaim resources: [${list}]`);
}
