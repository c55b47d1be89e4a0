import type { Pod } from '@podling/shared/api';

export const mirrorPodAnnotation = 'kubernetes.io/config.mirror';

/** Whether a pod only shows what a kubelet runs from a file of its own. */
export function isMirrorPod({ metadata: { annotations } }: Pod): boolean {
  return annotations !== undefined && Object.hasOwn(annotations, mirrorPodAnnotation);
}
