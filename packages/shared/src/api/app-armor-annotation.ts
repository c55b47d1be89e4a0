import { containersOf, type AnyContainer } from './pod-containers.ts';
import type { Pod } from './pod.ts';
import type { AppArmorProfile } from './security-context.ts';

/** Followed by a container's name: what there was before the field. */
export const appArmorPrefix = 'container.apparmor.security.beta.kubernetes.io/';

function profileOf(annotation: string): AppArmorProfile | undefined {
  if (annotation === 'unconfined') return { type: 'Unconfined' };
  if (annotation === 'runtime/default') return { type: 'RuntimeDefault' };
  const localhostProfile = annotation.startsWith('localhost/') ? annotation.slice('localhost/'.length) : '';
  return localhostProfile.trim() === '' || localhostProfile.trim() !== localhostProfile ? undefined : { type: 'Localhost', localhostProfile };
}

const isSame = (a: AppArmorProfile, b: AppArmorProfile | undefined): boolean => a.type === b?.type && a.localhostProfile === b.localhostProfile;

/** The annotation of a container that has no profile of its own, and the profile it means if that is not the pod's anyway. */
function unheeded({ metadata, spec }: Pod, { name, securityContext }: AnyContainer): { annotation: string; profile: AppArmorProfile | undefined } | undefined {
  const annotation = metadata.annotations?.[appArmorPrefix + name];
  if (annotation === undefined || securityContext?.appArmorProfile || spec.os?.name === 'windows') return undefined;
  return { annotation, profile: profileOf(annotation) };
}

/** The profile a container of a new pod gets from an annotation. */
export function appArmorOfAnnotation(pod: Pod, container: AnyContainer): AppArmorProfile | undefined {
  const profile = unheeded(pod, container)?.profile;
  return profile && !isSame(profile, pod.spec.securityContext?.appArmorProfile) ? profile : undefined;
}

/** Of annotations that stand in for the field, and of those that cannot. */
export function warnAppArmorAnnotations(pod: Pod): string[] {
  if (!pod.metadata.annotations) return [];
  return containersOf(pod.spec, '').flatMap(([container]) => {
    const found = unheeded(pod, container);
    const isHeard = found !== undefined && (found.profile === undefined || appArmorOfAnnotation(pod, container) !== undefined);
    return isHeard ? [`metadata.annotations[${appArmorPrefix}${container.name}]: deprecated since v1.30; use the "appArmorProfile" field instead`] : [];
  });
}
