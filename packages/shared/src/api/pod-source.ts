import type { Pod } from './pod.ts';

/** On the copy that the apiserver holds of a pod that comes from a file: the hash of the file's pod. */
export const mirrorPodAnnotation = 'kubernetes.io/config.mirror';
/** Where the kubelet has a pod from: `file` or `api`. */
export const configSourceAnnotation = 'kubernetes.io/config.source';
export const configHashAnnotation = 'kubernetes.io/config.hash';
export const configSeenAnnotation = 'kubernetes.io/config.seen';

type Annotated = Pick<Pod, 'metadata'>;

/** The apiserver's copy of a pod that a kubelet has from elsewhere. Upstream twin: kubetypes `IsMirrorPod`. */
export function isMirrorPod({ metadata: { annotations } }: Annotated): boolean {
  return annotations !== undefined && Object.hasOwn(annotations, mirrorPodAnnotation);
}

/** A pod that the kubelet has from elsewhere than the apiserver. Upstream twin: kubetypes `IsStaticPod`. */
export function isStaticPod({ metadata: { annotations = {} } }: Annotated): boolean {
  const source = annotations[configSourceAnnotation];
  return source !== undefined && source !== 'api' && !Object.hasOwn(annotations, mirrorPodAnnotation);
}
