import { isDeepStrictEqual } from 'node:util';
import type { Pod, PodStatus } from '@podling/shared/api';
import { uidOf } from '@podling/shared/api';
import { kubeletConditions } from './conditions.ts';

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

/** Fields other writers own, and which are left alone when the kubelet says nothing about them. */
const foreignFields: ReadonlySet<string> = new Set(['nominatedNodeName', 'resize', 'resourceClaimStatuses', 'resources', 'allocatedResources']);

function fieldPatch(key: keyof PodStatus, before: PodStatus, after: PodStatus): unknown {
  if (key === 'conditions') return changedConditions(before, after);
  if (isDeepStrictEqual(before[key], after[key])) return undefined;
  if (after[key] === undefined) return foreignFields.has(key) ? undefined : null;
  if (key === 'podIPs') return [{ $patch: 'replace' }, ...(after.podIPs ?? [])];
  if (key === 'hostIPs') return [{ $patch: 'replace' }, ...(after.hostIPs ?? [])];
  return after[key];
}

function changedConditions(before: PodStatus, after: PodStatus): unknown {
  const own = (after.conditions ?? []).filter(({ type }) => kubeletConditions.some((known) => known === type));
  const changed = own.filter((condition) => {
    const old = before.conditions?.find(({ type }) => type === condition.type);
    return !isDeepStrictEqual(old, condition);
  });
  if (changed.length === 0) return undefined;
  return changed.map((condition) => ({ reason: null, message: null, ...condition }));
}
