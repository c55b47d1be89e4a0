import type { Container, Pod } from '@podling/shared/api';
import { appArmorOfAnnotation } from '@podling/shared/scheme';

/** Gives containers the profile that an old annotation names, where they have none of their own and the pod has another. */
export function adoptAppArmorAnnotations(pod: Pod): void {
  const adopt = <T extends Container>(container: T): T => {
    const profile = appArmorOfAnnotation(pod, container);
    return profile ? { ...container, securityContext: { ...container.securityContext, appArmorProfile: profile } } : container;
  };
  const { containers, initContainers, ephemeralContainers } = pod.spec;
  pod.spec = {
    ...pod.spec,
    containers: containers.map(adopt),
    ...(initContainers && { initContainers: initContainers.map(adopt) }),
    ...(ephemeralContainers && { ephemeralContainers: ephemeralContainers.map(adopt) }),
  };
}
