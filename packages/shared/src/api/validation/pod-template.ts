import type { FieldError } from '../errors.ts';
import type { PodTemplate, PodTemplateSpec } from '../pod-template.ts';
import { forbidden } from './field-errors.ts';
import { validateAnnotations, validateLabels, validateMeta, validateMetaUpdate } from './object-meta.ts';
import { validatePodAnnotations, validateProfilesMatch } from './pod-annotations.ts';
import { validatePodSpec } from './pod-spec.ts';

export function validatePodTemplate({ metadata, template }: PodTemplate): FieldError[] {
  return [...validateMeta(metadata, { namespaced: true }), ...validatePodTemplateSpec(template, 'template')];
}

export function validatePodTemplateUpdate(next: PodTemplate, previous: PodTemplate): FieldError[] {
  return [...validateMetaUpdate(next.metadata, previous.metadata), ...validatePodTemplateSpec(next.template, 'template')];
}

/** The rules of a pod to be made, wherever a kind holds one. */
export function validatePodTemplateSpec({ metadata, spec = { containers: [] } }: PodTemplateSpec = {}, path: string): FieldError[] {
  const annotationsPath = `${path}.annotations`;
  return [
    ...validateLabels(metadata?.labels, `${path}.labels`),
    ...validateAnnotations(metadata?.annotations, annotationsPath),
    ...validatePodAnnotations(metadata?.annotations, spec, annotationsPath),
    ...validatePodSpec(spec, { podName: undefined, isPod: false }, `${path}.spec`),
    ...validateProfilesMatch(metadata?.annotations, spec, `${path}.spec`),
    ...(spec.ephemeralContainers?.length ? [forbidden(`${path}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template')] : []),
  ];
}
