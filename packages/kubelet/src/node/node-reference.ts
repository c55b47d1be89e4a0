import type { KubeObject } from '@podling/shared/api';

/** The Node as Events name it: under its name for UID, since an Event may come before the Node is registered. As in Kubernetes. */
export function nodeReference(name: string): KubeObject {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, uid: name } };
}
