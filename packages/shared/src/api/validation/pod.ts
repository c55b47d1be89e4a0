import type { FieldError } from '../errors.ts';
import type { Pod } from '../pod.ts';
import { checkImageBlanks } from './container.ts';
import { eachOf, forbidden } from './field-errors.ts';
import { validateMeta } from './object-meta.ts';
import { validatePodAnnotations, validateProfilesMatch } from './pod-annotations.ts';
import { validatePodSpec } from './pod-spec.ts';

/** The rules for a new pod, with defaults applied. */
export function validatePod(pod: Pod): FieldError[] {
  const { spec, metadata } = pod;
  const isBoundAndGated = spec.nodeName && spec.schedulingGates?.length;
  return [
    ...validatePodContent(pod),
    ...(spec.ephemeralContainers?.length ? [forbidden('spec.ephemeralContainers', 'cannot be set on create')] : []),
    ...(isBoundAndGated ? [forbidden('spec.nodeName', 'cannot be set until all schedulingGates have been cleared')] : []),
    ...validateProfilesMatch(metadata.annotations, spec, 'spec'),
  ];
}

/** What holds for a pod whenever it is written by a user. */
export function validatePodContent({ metadata, spec }: Pod): FieldError[] {
  return [
    ...validateMeta(metadata, { namespaced: true }),
    ...validatePodAnnotations(metadata.annotations, spec, 'metadata.annotations'),
    ...validatePodSpec(spec, { podName: metadata.name, isPod: true }, 'spec'),
    ...validateTokenOwner(spec),
    ...eachOf(spec.containers, 'spec.containers', checkImageBlanks),
    ...eachOf(spec.initContainers, 'spec.initContainers', checkImageBlanks),
  ];
}

/** A token belongs to an account. */
function validateTokenOwner({ serviceAccountName, volumes }: Pod['spec']): FieldError[] {
  if (serviceAccountName) return [];
  return eachOf(volumes, 'spec.volumes', ({ projected }, path) => eachOf(projected?.sources, `${path}.projected.sources`, ({ serviceAccountToken }, at) =>
    serviceAccountToken ? [forbidden(`${at}.serviceAccountToken`, 'must not be specified when serviceAccountName is not set')] : []));
}
