import { formatTime, newConflict } from '@podling/shared/api';
import type { GroupResource, KubeObject } from '@podling/shared/api';
import type { DeleteRequest, Strategy } from './strategy.ts';

/** What a delete does to the object as it is now. */
export type DeleteDecision = 'remove' | 'mark' | 'pending';

/** Kubernetes names the kind here, not the resource. */
const byKind = <T extends KubeObject>({ kind: { group, kind } }: Strategy<T>): GroupResource => ({ group, resource: kind });

/** Throws 409 where the object is not the one that was meant. */
export function checkPreconditions<T extends KubeObject>(strategy: Strategy<T>, object: T, { preconditions }: DeleteRequest): void {
  const { name, uid, resourceVersion } = object.metadata;
  if (preconditions?.uid !== undefined && preconditions.uid !== uid) {
    const why = `the UID in the precondition (${preconditions.uid}) does not match the UID in record (${uid ?? ''}). The object might have been deleted and then recreated`;
    throw newConflict(byKind(strategy), name, why);
  }
  if (preconditions?.resourceVersion !== undefined && preconditions.resourceVersion !== resourceVersion) {
    const why = `the ResourceVersion in the precondition (${preconditions.resourceVersion}) does not match the ResourceVersion in record (${resourceVersion ?? ''}). The object might have been modified`;
    throw newConflict(byKind(strategy), name, why);
  }
}

function graceOf<T extends KubeObject>(strategy: Strategy<T>, object: T, request: DeleteRequest): number {
  const grace = strategy.gracePeriodSeconds?.(object, request) ?? 0;
  return grace < 0 ? 1 : grace;
}

const orphan = 'orphan';
const foreground = 'foregroundDeletion';

/** The finalizers that make the garbage collector see to what the object owns; a later policy replaces an earlier one. */
function finalizersFor({ metadata: { finalizers = [] } }: KubeObject, { propagationPolicy: policy }: DeleteRequest): string[] {
  if (policy === undefined) return finalizers;
  const others = finalizers.filter((finalizer) => finalizer !== orphan && finalizer !== foreground);
  if (policy === 'Background') return others;
  return [...others, policy === 'Orphan' ? orphan : foreground];
}

const isSame = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((item, index) => item === b[index]);

function isHeld<T extends KubeObject>(strategy: Strategy<T>, object: T, finalizers = object.metadata.finalizers ?? []): boolean {
  return finalizers.length > 0 || (strategy.isHeld?.(object) ?? false);
}

/**
 * remove: nothing holds the object. mark: it stays, with a new or shorter deadline. pending: it is marked already and
 * this request changes nothing.
 */
export function decideDelete<T extends KubeObject>(strategy: Strategy<T>, object: T, request: DeleteRequest): DeleteDecision {
  const { metadata } = object;
  const grace = graceOf(strategy, object, request);
  const finalizers = finalizersFor(object, request);
  const held = isHeld(strategy, object, finalizers);
  if (!metadata.deletionTimestamp) return grace > 0 || held ? 'mark' : 'remove';
  const left = metadata.deletionGracePeriodSeconds ?? 0;
  const shorter = request.gracePeriodSeconds !== undefined && grace < left;
  if (shorter) return grace > 0 || held ? 'mark' : 'remove';
  if (left === 0 && !held) return 'remove';
  return isSame(finalizers, metadata.finalizers ?? []) ? 'pending' : 'mark';
}

/** The grace of a marked object only gets shorter, and only when that is asked for. */
function graceNow<T extends KubeObject>(strategy: Strategy<T>, object: T, request: DeleteRequest): number {
  const { deletionTimestamp, deletionGracePeriodSeconds: left = 0 } = object.metadata;
  if (!deletionTimestamp) return graceOf(strategy, object, request);
  return request.gracePeriodSeconds === undefined ? left : Math.min(left, graceOf(strategy, object, request));
}

/** A copy of `object` that carries the mark. A second delete moves the deadline of the first, it does not start anew. */
export function markDeleted<T extends KubeObject>(strategy: Strategy<T>, object: T, request: DeleteRequest, nowMs: number): T {
  const next = structuredClone(object);
  const { metadata } = next;
  const finalizers = finalizersFor(object, request);
  const grace = graceNow(strategy, object, request);
  const began = metadata.deletionTimestamp ? Date.parse(metadata.deletionTimestamp) - (metadata.deletionGracePeriodSeconds ?? 0) * 1000 : nowMs;
  metadata.deletionTimestamp = formatTime(new Date(began + grace * 1000));
  metadata.deletionGracePeriodSeconds = grace;
  if (finalizers.length > 0) metadata.finalizers = finalizers;
  else delete metadata.finalizers;
  if (metadata.generation !== undefined && !object.metadata.deletionTimestamp) metadata.generation += 1;
  strategy.prepareForDelete?.(next);
  return next;
}

/** Whether a write has taken away the last thing that held a marked object. */
export function isFinished<T extends KubeObject>(strategy: Strategy<T>, object: T): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds } = object.metadata;
  return deletionTimestamp !== undefined && (deletionGracePeriodSeconds ?? 0) === 0 && !isHeld(strategy, object);
}
