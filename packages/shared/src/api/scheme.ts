export { decode, type Decoded } from './decode.ts';
export { DecodeError, NESTING_LIMIT, checkNesting } from './decode-error.ts';
export { applyMergePatch, createThreeWayMergePatch } from './merge-patch.ts';
export { PatchError } from './patch-error.ts';
export { strategicMergePatch } from './strategic-merge.ts';
export { createThreeWayStrategicPatch } from './three-way-merge.ts';
export type { KindInfo } from './kind-info.ts';

import { BindingSchema, type Binding } from './binding.ts';
import { defaultNamespace } from './defaults/namespace.ts';
import { defaultNode } from './defaults/node.ts';
import { defaultPod } from './defaults/pod.ts';
import { EventSchema, type Event } from './event.ts';
import { defineKind, type KindInfo } from './kind-info.ts';
import { LeaseSchema, type Lease } from './lease.ts';
import { NamespaceSchema, type Namespace } from './namespace.ts';
import { NodeSchema, type Node } from './node.ts';
import { PodSchema, type Pod } from './pod.ts';
import { validateBinding } from './validation/binding.ts';
import { validateEvent, validateEventUpdate } from './validation/event.ts';
import { validateLease, validateLeaseUpdate } from './validation/lease.ts';
import { validateNamespace, validateNamespaceUpdate } from './validation/namespace.ts';
import { validateNode, validateNodeUpdate } from './validation/node.ts';
import { validatePod } from './validation/pod.ts';
import { validatePodStatusUpdate, validatePodUpdate } from './validation/pod-update.ts';

export const podKind = defineKind<Pod>({
  group: '', version: 'v1', kind: 'Pod', resource: 'pods', singular: 'pod', shortNames: ['po'], categories: ['all'], namespaced: true,
  schema: PodSchema,
  applyDefaults: defaultPod,
  validateCreate: validatePod,
  validateUpdate: validatePodUpdate,
  validateStatusUpdate: validatePodStatusUpdate,
});

export const nodeKind = defineKind<Node>({
  group: '', version: 'v1', kind: 'Node', resource: 'nodes', singular: 'node', shortNames: ['no'], categories: [], namespaced: false,
  schema: NodeSchema,
  applyDefaults: defaultNode,
  validateCreate: validateNode,
  validateUpdate: validateNodeUpdate,
});

export const namespaceKind = defineKind<Namespace>({
  group: '', version: 'v1', kind: 'Namespace', resource: 'namespaces', singular: 'namespace', shortNames: ['ns'], categories: [],
  namespaced: false,
  schema: NamespaceSchema,
  applyDefaults: defaultNamespace,
  validateCreate: validateNamespace,
  validateUpdate: validateNamespaceUpdate,
});

export const eventKind = defineKind<Event>({
  group: '', version: 'v1', kind: 'Event', resource: 'events', singular: 'event', shortNames: ['ev'], categories: [], namespaced: true,
  schema: EventSchema,
  validateCreate: validateEvent,
  validateUpdate: validateEventUpdate,
});

export const leaseKind = defineKind<Lease>({
  group: 'coordination.k8s.io', version: 'v1', kind: 'Lease', resource: 'leases', singular: 'lease', shortNames: [], categories: [],
  namespaced: true,
  schema: LeaseSchema,
  validateCreate: validateLease,
  validateUpdate: validateLeaseUpdate,
});

/** Not stored: the body of `pods/NAME/binding`. */
export const bindingKind = defineKind<Binding>({
  group: '', version: 'v1', kind: 'Binding', resource: 'bindings', singular: 'binding', shortNames: [], categories: [], namespaced: true,
  schema: BindingSchema,
  validateCreate: validateBinding,
});

/** The only list of kinds. */
export const kinds: readonly KindInfo[] = [podKind, nodeKind, namespaceKind, eventKind, leaseKind, bindingKind];

/** `v1` or `coordination.k8s.io/v1`. */
export function apiVersionOf({ group, version }: { group: string; version: string }): string {
  return group === '' ? version : `${group}/${version}`;
}

export function kindFor(apiVersion: string, kind: string): KindInfo | undefined {
  return kinds.find((info) => info.kind === kind && apiVersionOf(info) === apiVersion);
}
