import { signalTraits, type Observations, type PressureCondition } from './signals.ts';
import { amountOf, type Threshold } from './thresholds.ts';

/** What is remembered from one look at the node to the next; times by the monotonic clock. */
export interface PressureState {
  /** Those met now, with since when. */
  firstMet: ReadonlyMap<Threshold, number>;
  /** Those past their grace period: they stay until their minimum is reclaimed. */
  unresolved: readonly Threshold[];
  lastSeen: ReadonlyMap<PressureCondition, number>;
  /** In alphabetical order. */
  conditions: readonly PressureCondition[];
  observations: Observations;
}

export const noPressure: PressureState = { firstMet: new Map(), unresolved: [], lastSeen: new Map(), conditions: [], observations: new Map() };

/**
 * One look more: pure. A condition stays for the transition period after it was last seen. The thresholds to act on are
 * those whose grace is over and whose signal has been measured anew since the last look.
 */
export function nextState(before: PressureState, thresholds: readonly Threshold[], observations: Observations, transitionPeriodMs: number, nowMs: number): { state: PressureState; starved: Threshold[] } {
  const still = metThresholds(before.unresolved, observations, true);
  const met = [...new Set([...metThresholds(thresholds, observations, false), ...still])];
  const firstMet = new Map(met.map((threshold) => [threshold, before.firstMet.get(threshold) ?? nowMs]));
  const lastSeen = new Map([...before.lastSeen, ...met.map(({ signal }) => [signalTraits[signal].condition, nowMs] as const)]);
  const conditions = [...lastSeen].filter(([, seenMs]) => nowMs - seenMs < transitionPeriodMs || seenMs === nowMs).map(([condition]) => condition).sort();
  const unresolved = met.filter((threshold) => nowMs - (firstMet.get(threshold) ?? nowMs) >= threshold.gracePeriodMs);
  const starved = unresolved.filter(({ signal }) => isMeasuredAnew(observations.get(signal)?.time, before.observations.get(signal)?.time));
  return { state: { firstMet, unresolved, lastSeen, conditions, observations }, starved };
}

/** Whatever their grace; a signal that nobody has measured is not short. With `reclaimed`, `minReclaim` must be there as well. */
export function metThresholds(thresholds: readonly Threshold[], observations: Observations, reclaimed: boolean): Threshold[] {
  return thresholds.filter(({ signal, value, minReclaim }) => {
    const observed = observations.get(signal);
    if (observed === undefined) return false;
    const more = reclaimed && minReclaim !== undefined ? amountOf(minReclaim, observed.capacity) : 0;
    return amountOf(value, observed.capacity) + more > observed.available;
  });
}

/** Whatever the time is: the clock may have been set back. */
function isMeasuredAnew(time: string | undefined, before: string | undefined): boolean {
  return time !== undefined && (time === '' || time !== before);
}
