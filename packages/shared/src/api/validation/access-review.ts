import type {
  FieldSelectorAttributes, LabelSelectorAttributes, LocalSubjectAccessReview, SelfSubjectAccessReview, SelfSubjectAccessReviewSpec,
  SubjectAccessReview, SubjectAccessReviewSpec,
} from '../access-review.ts';
import type { FieldError } from '../errors.ts';
import type { ObjectMeta } from '../meta.ts';
import { invalid, required } from './field-errors.ts';

type Selector = FieldSelectorAttributes | LabelSelectorAttributes;

function validateSelector(selector: Selector | undefined, path: string): FieldError[] {
  if (!selector) return [];
  const { rawSelector = '', requirements = [] } = selector;
  if (rawSelector !== '' && requirements.length > 0) return [invalid(`${path}.rawSelector`, rawSelector, 'may not specified at the same time as requirements')];
  if (rawSelector !== '' || requirements.length > 0) return [];
  return [required(`${path}.requirements`, `when ${path} is specified, requirements or rawSelector is required`)];
}

function validateSubject({ user = '', groups = [] }: SubjectAccessReviewSpec): FieldError[] {
  return user === '' && groups.length === 0 ? [invalid('spec.user', user, 'at least one of user or group must be specified')] : [];
}

function validateTarget({ resourceAttributes, nonResourceAttributes }: SelfSubjectAccessReviewSpec): FieldError[] {
  if (resourceAttributes && nonResourceAttributes) {
    return [invalid('spec.nonResourceAttributes', nonResourceAttributes, 'cannot be specified in combination with resourceAttributes')];
  }
  if (resourceAttributes || nonResourceAttributes) return [];
  return [invalid('spec.resourceAttributes', null, 'exactly one of nonResourceAttributes or resourceAttributes must be specified')];
}

function validateSelectors({ resourceAttributes }: SelfSubjectAccessReviewSpec): FieldError[] {
  return [
    ...validateSelector(resourceAttributes?.fieldSelector, 'spec.resourceAttributes.fieldSelector'),
    ...validateSelector(resourceAttributes?.labelSelector, 'spec.resourceAttributes.labelSelector'),
  ];
}

function validateMetadata(metadata: ObjectMeta, allowed: readonly string[], detail: string): FieldError[] {
  const given = Object.entries(metadata).filter(([key, value]) => value !== '' && !['managedFields', ...allowed].includes(key));
  return given.length === 0 ? [] : [invalid('metadata', metadata, detail)];
}

export function validateSubjectAccessReview({ metadata, spec }: SubjectAccessReview): FieldError[] {
  return [...validateTarget(spec), ...validateSubject(spec), ...validateSelectors(spec), ...validateMetadata(metadata, [], 'must be empty')];
}

export function validateSelfSubjectAccessReview({ metadata, spec }: SelfSubjectAccessReview): FieldError[] {
  return [...validateTarget(spec), ...validateSelectors(spec), ...validateMetadata(metadata, [], 'must be empty')];
}

/** `metadata.namespace` is that of the path by now. */
export function validateLocalSubjectAccessReview({ metadata, spec }: LocalSubjectAccessReview): FieldError[] {
  const { resourceAttributes, nonResourceAttributes } = spec;
  const namespace = resourceAttributes?.namespace ?? '';
  return [
    ...validateTarget(spec), ...validateSubject(spec), ...validateSelectors(spec),
    ...validateMetadata(metadata, ['namespace'], 'must be empty except for namespace'),
    ...(resourceAttributes && namespace !== metadata.namespace ? [invalid('spec.resourceAttributes.namespace', namespace, 'must match metadata.namespace')] : []),
    ...(nonResourceAttributes ? [invalid('spec.nonResourceAttributes', nonResourceAttributes, 'disallowed on this kind of request')] : []),
  ];
}
