import type { NodeAffinity, NodeSelectorTerm, Toleration } from '../affinity.ts';
import type { FieldError } from '../errors.ts';
import { equalJson } from '../json.ts';
import type { Pod, PodSpec } from '../pod.ts';
import { checkImageBlanks } from './container.ts';
import { eachOf, forbidden, invalid, required } from './field-errors.ts';
import { validateMetaUpdate } from './object-meta.ts';
import { validatePodAnnotationsUpdate } from './pod-annotations.ts';
import { validatePodContent } from './pod.ts';
import { validateTolerations } from './toleration.ts';

const changeableFields = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
];

/** Rules of an update by a user: next to nothing of a pod's spec may change. */
export function validatePodUpdate(next: Pod, previous: Pod): FieldError[] {
  return [...validatePodRewrite(next, previous), ...validateSpecUpdate(next.spec, previous.spec)];
}

/** What every update of a spec has to keep, also through a subresource. */
export function validatePodRewrite(next: Pod, previous: Pod): FieldError[] {
  return [
    ...validateMetaUpdate(next.metadata, previous.metadata),
    ...validatePodContent(next),
    ...validatePodAnnotationsUpdate(next.metadata.annotations, previous.metadata.annotations, 'metadata.annotations'),
  ];
}

function validateSpecUpdate(next: PodSpec, previous: PodSpec): FieldError[] {
  const images = validateImages(next, previous);
  if (images.stop) return images.errors;
  const deadline = validateDeadline(next.activeDeadlineSeconds, previous.activeDeadlineSeconds);
  if (deadline.length > 0 && next.activeDeadlineSeconds !== undefined) return [...images.errors, ...deadline];
  return [
    ...images.errors,
    ...deadline,
    ...validateAddedTolerations(next.tolerations ?? [], previous.tolerations ?? []),
    ...validateRemovedGates(next, previous),
    ...validateGatedChanges(next, previous),
    ...validateFixedFields(next, previous),
  ];
}

function validateImages(next: PodSpec, previous: PodSpec): { errors: FieldError[]; stop: boolean } {
  let errors: FieldError[] = [];
  for (const list of ['containers', 'initContainers'] as const) {
    if ((next[list]?.length ?? 0) !== (previous[list]?.length ?? 0)) {
      return { errors: [...errors, forbidden(`spec.${list}`, 'pod updates may not add or remove containers')], stop: true };
    }
    errors = errors.concat(eachOf(next[list], `spec.${list}`, (container, path) => [
      ...(container.image ? [] : [required(`${path}.image`)]), ...checkImageBlanks(container, path),
    ]));
  }
  return { errors, stop: false };
}

const MAX_SECONDS = 2 ** 31 - 1;

function validateDeadline(next: number | undefined, previous: number | undefined): FieldError[] {
  const path = 'spec.activeDeadlineSeconds';
  if (next === undefined) return previous === undefined ? [] : [invalid(path, null, 'must not update from a positive integer to nil value')];
  if (next < 0 || next > MAX_SECONDS) return [invalid(path, next, `must be between 0 and ${MAX_SECONDS}, inclusive`)];
  return previous !== undefined && next > previous ? [invalid(path, next, 'must be less than or equal to previous value')] : [];
}

function validateAddedTolerations(next: Toleration[], previous: Toleration[]): FieldError[] {
  const path = 'spec.tolerations';
  const identity = ({ key, operator, value, effect }: Toleration) => JSON.stringify([key, operator, value, effect].map((part) => part ?? ''));
  const kept = new Set(next.map(identity));
  const isKept = previous.every((old) => kept.has(identity(old)));
  return isKept ? validateTolerations(next, path) : [forbidden(path, 'existing toleration can not be modified except its tolerationSeconds')];
}

function validateRemovedGates(next: PodSpec, previous: PodSpec): FieldError[] {
  const known = new Set(previous.schedulingGates?.map(({ name }) => name));
  return eachOf(next.schedulingGates, 'spec.schedulingGates', ({ name }, path) =>
    known.has(name) ? [] : [forbidden(`${path}.name`, `only deletion is allowed, but found new scheduling gate '${name}'`)],
  );
}

const isGated = (spec: PodSpec) => (spec.schedulingGates ?? []).length > 0;

/** Until it may be scheduled, a pod may be told to go to fewer nodes. */
function validateGatedChanges(next: PodSpec, previous: PodSpec): FieldError[] {
  if (!isGated(previous)) return [];
  const { nodeSelector = {} } = next;
  const isNarrower = Object.entries(previous.nodeSelector ?? {}).every(([key, value]) => nodeSelector[key] === value);
  const detail = 'only additions to spec.nodeSelector are allowed (no mutations or deletions)';
  return [
    ...(isNarrower ? [] : [invalid('spec.nodeSelector', next.nodeSelector ?? null, detail)]),
    ...validateNodeTerms(termsOf(next.affinity?.nodeAffinity), termsOf(previous.affinity?.nodeAffinity)),
  ];
}

const termsOf = (affinity: NodeAffinity | undefined) => affinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;

function validateNodeTerms(next: NodeSelectorTerm[] | undefined, previous: NodeSelectorTerm[] = []): FieldError[] {
  const path = 'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms';
  if (previous.length === 0) return [];
  if (next?.length !== previous.length) {
    return [invalid(path, next?.map(describeTerm) ?? null, 'no additions/deletions to non-empty NodeSelectorTerms list are allowed')];
  }
  return eachOf(next, path, (term, at, index) =>
    isNarrowed(term, previous[index] ?? {}) ? [] : [invalid(at, describeTerm(term), 'only additions are allowed (no mutations or deletions)')]);
}

function describeTerm({ matchExpressions, matchFields }: NodeSelectorTerm): unknown {
  const all = (list: NodeSelectorTerm['matchFields']) =>
    list?.map(({ key, operator, values }) => ({ Key: key, Operator: operator, Values: values ?? null })) ?? null;
  return { MatchExpressions: all(matchExpressions), MatchFields: all(matchFields) };
}

/** An empty term matches nothing, so that whatever is added to it would widen it. */
function isNarrowed(next: NodeSelectorTerm, previous: NodeSelectorTerm): boolean {
  const lists = ['matchExpressions', 'matchFields'] as const;
  if (lists.every((list) => !previous[list]?.length)) return lists.every((list) => !next[list]?.length);
  return lists.every((list) => equalJson((next[list] ?? []).slice(0, previous[list]?.length ?? 0), previous[list] ?? []));
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
    ...(isGated(previous) ? withoutPlacement(spec) : {}),
    containers: spec.containers.map(withoutImage),
    initContainers: (spec.initContainers ?? []).map(withoutImage),
    terminationGracePeriodSeconds: isShortened ? previous.terminationGracePeriodSeconds : spec.terminationGracePeriodSeconds,
  };
}

/** No affinity and one that says nothing of nodes are the same then. */
function withoutPlacement({ affinity }: PodSpec): Record<string, unknown> {
  const { nodeAffinity: _nodes, ...others } = affinity ?? {};
  return { nodeSelector: undefined, affinity: Object.keys(others).length > 0 ? others : undefined };
}

function changedFields(next: Record<string, unknown>, previous: Record<string, unknown>): string[] {
  const names = new Set([...Object.keys(next), ...Object.keys(previous)]);
  return [...names].filter((name) => !equalJson(next[name], previous[name])).map((name) => `spec.${name}`);
}
