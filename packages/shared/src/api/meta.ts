import type { ListMeta, ObjectMeta } from './object-meta.ts';

export type { LabelSelector, LabelSelectorRequirement, ListMeta, ManagedFieldsEntry, ObjectMeta, OwnerReference } from './object-meta.ts';

/** What every stored object has. */
export interface KubeObject {
  apiVersion?: string;
  kind?: string;
  metadata: ObjectMeta;
}

export interface KubeList<T> {
  apiVersion?: string;
  kind?: string;
  metadata: ListMeta;
  items: T[];
}

interface Named {
  metadata: { name: string; namespace?: string };
}

/** `namespace/name`, or `name` for a cluster-scoped object: the only thing that crosses a work queue. */
export function keyOf({ metadata }: Named): string {
  return metadata.namespace ? `${metadata.namespace}/${metadata.name}` : metadata.name;
}

/** The uid of an object that came from the apiserver; throws for one that has none. */
export function uidOf(object: { metadata: { name: string; uid?: string } }): string {
  const { name, uid } = object.metadata;
  if (!uid) throw new Error(`object ${name} has no uid: it was never stored`);
  return uid;
}

/** '' for a cluster-scoped object. */
export function namespaceOf(object: { metadata: { namespace?: string } }): string {
  return object.metadata.namespace ?? '';
}

/** A moment as Kubernetes' Time: UTC, whole seconds. */
export function formatTime(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

/** A moment as Kubernetes' MicroTime: UTC, six digits of a second. */
export function formatMicroTime(date: Date): string {
  return `${date.toISOString().slice(0, 23)}000Z`;
}
