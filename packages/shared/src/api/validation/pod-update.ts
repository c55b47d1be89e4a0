import type { Toleration } from '../affinity.ts';
import type { FieldError } from '../errors.ts';
import { equalJson } from '../json.ts';
import type { Pod, PodSpec } from '../pod.ts';
import { eachOf, forbidden, invalid } from './field-errors.ts';
import { immutableField, validateMetaUpdate } from './object-meta.ts';
import { validatePodSpec } from './pod.ts';

const changeableFields = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
];

/** Rules of an update by a user: next to nothing of a pod's spec may change. */
export function validatePodUpdate(next: Pod, previous: Pod): FieldError[] {
  return [
    ...validateMetaUpdate(next.metadata, previous.metadata),
    ...validatePodSpec(next.spec),
    ...validateSpecUpdate(next.spec, previous.spec),
  ];
}

function validateSpecUpdate(next: PodSpec, previous: PodSpec): FieldError[] {
  const counts = (['containers', 'initContainers'] as const)
    .filter((name) => (next[name]?.length ?? 0) !== (previous[name]?.length ?? 0))
    .map((name) => forbidden(`spec.${name}`, 'pod updates may not add or remove containers'));
  if (counts.length > 0) return counts;
  return [
    ...validateDeadline(next.activeDeadlineSeconds, previous.activeDeadlineSeconds),
    ...validateAddedTolerations(next.tolerations ?? [], previous.tolerations ?? []),
    ...validateRemovedGates(next, previous),
    ...validateFixedFields(next, previous),
  ];
}

function validateDeadline(next: number | undefined, previous: number | undefined): FieldError[] {
  const path = 'spec.activeDeadlineSeconds';
  if (previous === undefined) return [];
  if (next === undefined) return [invalid(path, null, 'must not update from a positive integer to nil value')];
  return next > previous ? [invalid(path, next, 'must be less than or equal to previous value')] : [];
}

function validateAddedTolerations(next: Toleration[], previous: Toleration[]): FieldError[] {
  const identity = ({ key, operator, value, effect }: Toleration) => JSON.stringify([key, operator, value, effect].map((part) => part ?? ''));
  const kept = new Set(next.map(identity));
  return previous.every((old) => kept.has(identity(old))) ? [] : [forbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds')];
}

function validateRemovedGates(next: PodSpec, previous: PodSpec): FieldError[] {
  const known = new Set(previous.schedulingGates?.map(({ name }) => name));
  return eachOf(next.schedulingGates, 'spec.schedulingGates', ({ name }, path) =>
    known.has(name) ? [] : [forbidden(`${path}.name`, `only deletion is allowed, but found new scheduling gate '${name}'`)],
  );
}

function validateFixedFields(next: PodSpec, previous: PodSpec): FieldError[] {
  const changed = changedFields(fixedPart(next, previous), fixedPart(previous, previous));
  if (changed.length === 0) return [];
  const detail = `pod updates may not change fields other than ${changeableFields.join(',')}`;
  return [forbidden('spec', `${detail}\nchanged: ${changed.join(', ')}`)];
}

/** The spec without what an update may change, by its own rules. */
function fixedPart(spec: PodSpec, previous: PodSpec): Record<string, unknown> {
  const { activeDeadlineSeconds: _deadline, tolerations: _tolerations, schedulingGates: _gates, ...fixed } = spec;
  const withoutImage = ({ image: _image, ...rest }: { image?: string }) => rest;
  const isShortened = (previous.terminationGracePeriodSeconds ?? 0) < 0 && spec.terminationGracePeriodSeconds === 1;
  return {
    ...fixed,
    containers: spec.containers.map(withoutImage),
    initContainers: (spec.initContainers ?? []).map(withoutImage),
    terminationGracePeriodSeconds: isShortened ? previous.terminationGracePeriodSeconds : spec.terminationGracePeriodSeconds,
  };
}

function changedFields(next: Record<string, unknown>, previous: Record<string, unknown>): string[] {
  const names = new Set([...Object.keys(next), ...Object.keys(previous)]);
  return [...names].filter((name) => !equalJson(next[name], previous[name])).map((name) => `spec.${name}`);
}

/** Rules of an update through `/status`. */
export function validatePodStatusUpdate(next: Pod, previous: Pod): FieldError[] {
  const qosClass = previous.status?.qosClass;
  return [
    ...validateMetaUpdate(next.metadata, previous.metadata),
    ...(qosClass ? immutableField('status.qosClass', next.status?.qosClass, qosClass) : []),
  ];
}
