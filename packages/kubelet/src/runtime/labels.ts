import { createHash } from 'node:crypto';
import type { Container, Pod } from '@podling/shared/api';
import { namespaceOf, uidOf } from '@podling/shared/api';

/** Kubernetes' own label and annotation keys; with them a new kubelet finds what an old one has started. */
export const podNameLabel = 'io.kubernetes.pod.name';
export const podNamespaceLabel = 'io.kubernetes.pod.namespace';
export const podUidLabel = 'io.kubernetes.pod.uid';
export const containerNameLabel = 'io.kubernetes.container.name';
export const containerHashAnnotation = 'io.kubernetes.container.hash';
const restartCountAnnotation = 'io.kubernetes.container.restartCount';
export const terminationMessagePathAnnotation = 'io.kubernetes.container.terminationMessagePath';
export const terminationMessagePolicyAnnotation = 'io.kubernetes.container.terminationMessagePolicy';

export function podLabels(pod: Pod): Record<string, string> {
  return { [podNameLabel]: pod.metadata.name, [podNamespaceLabel]: namespaceOf(pod), [podUidLabel]: uidOf(pod) };
}

export function containerLabels(pod: Pod, container: Container): Record<string, string> {
  return { ...podLabels(pod), [containerNameLabel]: container.name };
}

export function containerAnnotations(container: Container, restartCount: number): Record<string, string> {
  const { terminationMessagePath: path, terminationMessagePolicy: policy } = container;
  return {
    [containerHashAnnotation]: hashContainer(container),
    [restartCountAnnotation]: String(restartCount),
    ...(path ? { [terminationMessagePathAnnotation]: path } : {}),
    ...(policy ? { [terminationMessagePolicyAnnotation]: policy } : {}),
  };
}

/** A running container whose hash differs is replaced. Only what may change in a pod's life takes part: the image. */
export function hashContainer({ name, image }: Container): string {
  return createHash('sha256').update(JSON.stringify([name, image])).digest('hex').slice(0, 8);
}

export function podUidSelector(uid: string): { labelSelector: Record<string, string> } {
  return { labelSelector: { [podUidLabel]: uid } };
}
