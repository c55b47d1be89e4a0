import { isDeepStrictEqual } from 'node:util';
import type { Pod, PodCondition, PodStatus } from '@podling/shared/api';
import { uidOf } from '@podling/shared/api';
import { kubeletConditions } from './conditions.ts';
import { resizeConditionTypes } from './resize-conditions.ts';

/**
 * Strategic merge patch for `pods/status` that brings `before` to `after`, or undefined when they are the same.
 * It carries the UID: the server refuses it for another pod of the same name. Conditions of others are not in it.
 */
export function statusPatch(pod: Pod, before: PodStatus, after: PodStatus): object | undefined {
  const patch: Record<string, unknown> = {};
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)]) as Set<keyof PodStatus>) {
    const value = fieldPatch(key, before, after);
    if (value !== undefined) patch[key] = value;
  }
  if (Object.keys(patch).length === 0) return undefined;
  return { metadata: { uid: uidOf(pod) }, status: patch };
}

/** Null, '' and empty objects are what a server may fill in or leave out. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (typeof value !== 'object' || value === null) return value === '' || value === null ? undefined : value;
  const kept = Object.entries(value).map(([key, child]) => [key, withoutEmpty(child)] as const).filter(([, child]) => child !== undefined);
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

function isSame(before: unknown, after: unknown): boolean {
  return isDeepStrictEqual(before, after) || isDeepStrictEqual(withoutEmpty(before), withoutEmpty(after));
}

/** Fields other writers own, and which are left alone when the kubelet says nothing about them. */
const foreignFields: ReadonlySet<string> = new Set(['nominatedNodeName', 'resize', 'resourceClaimStatuses', 'resources', 'allocatedResources']);

function fieldPatch(key: keyof PodStatus, before: PodStatus, after: PodStatus): unknown {
  if (key === 'conditions') return changedConditions(before, after);
  if (isSame(before[key], after[key])) return undefined;
  if (after[key] === undefined) return foreignFields.has(key) ? undefined : null;
  const merged = key === 'podIPs' || key === 'hostIPs';
  return merged && before[key] !== undefined ? [{ $patch: 'replace' }, ...(after[key] ?? [])] : after[key];
}

function changedConditions(before: PodStatus, after: PodStatus): unknown {
  const own = (after.conditions ?? []).filter(({ type }) => [...kubeletConditions, ...resizeConditionTypes, 'DisruptionTarget'].some((known) => known === type));
  const over = resizeConditionTypes.filter((type) => before.conditions?.some((condition) => condition.type === type) && !own.some((condition) => condition.type === type));
  const patches: object[] = own.flatMap((condition) => {
    const old = before.conditions?.find(({ type }) => type === condition.type);
    return isSame(old, condition) ? [] : [{ ...dropped(old, condition), ...condition }];
  });
  patches.push(...over.map((type) => ({ $patch: 'delete', type })));
  return patches.length === 0 ? undefined : patches;
}

/** A condition is merged with the old one: what is gone from it has to be named. */
function dropped(old: PodCondition | undefined, condition: PodCondition): Record<string, null> {
  const gone = Object.keys(old ?? {}).filter((key) => !(key in condition) && old?.[key as keyof PodCondition] !== null);
  return Object.fromEntries(gone.map((key) => [key, null]));
}
