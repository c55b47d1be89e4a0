import type { FieldError } from '../errors.ts';
import type { PodTemplate, PodTemplateSpec } from '../pod-template.ts';
import { forbidden } from './field-errors.ts';
import { validateAnnotations, validateLabels, validateMeta, validateMetaUpdate } from './object-meta.ts';
import { validatePodSpec } from './pod.ts';

export function validatePodTemplate({ metadata, template }: PodTemplate): FieldError[] {
  return [...validateMeta(metadata, { namespaced: true }), ...validatePodTemplateSpec(template, 'template')];
}

export function validatePodTemplateUpdate(next: PodTemplate, previous: PodTemplate): FieldError[] {
  return [...validateMetaUpdate(next.metadata, previous.metadata), ...validatePodTemplateSpec(next.template, 'template')];
}

/** The rules of a pod to be made, wherever a kind holds one. */
export function validatePodTemplateSpec({ metadata, spec = { containers: [] } }: PodTemplateSpec = {}, path: string): FieldError[] {
  const ephemeral = (spec.ephemeralContainers ?? []).length > 0;
  return [
    ...validateLabels(metadata?.labels, `${path}.labels`),
    ...validateAnnotations(metadata?.annotations, `${path}.annotations`),
    ...validatePodSpec(spec).map((error) => ({ ...error, field: `${path}.${error.field}` })),
    ...(ephemeral ? [forbidden(`${path}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template')] : []),
  ];
}
