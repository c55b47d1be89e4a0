export { decode, type Decoded } from './decode.ts';
export { DecodeError, NESTING_LIMIT, checkNesting } from './decode-error.ts';
export { DeleteOptionsSchema, type DeleteOptions } from './delete-options.ts';
export { applyJsonPatch, maxOperations, strictOperations } from './json-patch.ts';
export { applyMergePatch, createThreeWayMergePatch } from './merge-patch.ts';
export { apiReferenceOf } from './api-reference.ts';
export { podReferences, type PodReferences } from './pod-references.ts';
export { PatchError } from './patch-error.ts';
export { strategicMergePatch } from './strategic-merge.ts';
export { createThreeWayStrategicPatch } from './three-way-merge.ts';
export type { KindInfo } from './kind-info.ts';
export { fromCoreEvent, toCoreEvent } from './events-event.ts';
export { systemPriorityClasses } from './priority-class.ts';
export { getsNodePorts, isHeadless, needsClusterIP, needsHealthCheck, usesNodePorts } from './service-traits.ts';
export { validateServiceAddresses } from './validation/service-addresses.ts';
export { appArmorOfAnnotation } from './app-armor-annotation.ts';
export { asSchema, type SchemaNode } from './schema-node.ts';
export { modelsWithin } from './models-within.ts';
export { wireModels } from './wire-models.ts';
export * from './metrics-kinds.ts';
export * from './review-kinds.ts';
export { KubeletConfigurationSchema, type KubeletConfiguration, type ShutdownGracePeriodByPodPriority } from './kubelet-configuration.ts';
export { defaultKubeletConfiguration, type DefaultedKubeletConfiguration } from './defaults/kubelet-configuration.ts';
export { validateKubeletConfiguration } from './validation/kubelet-configuration.ts';
export { validateNamespaceFinalize } from './validation/namespace.ts';
export { validateEphemeralContainersUpdate } from './validation/pod-ephemeral.ts';
export { validatePodResize } from './validation/pod-resize.ts';

import type { TSchema } from 'typebox';
import { warnAppArmorAnnotations } from './app-armor-annotation.ts';
import { BindingSchema, type Binding } from './binding.ts';
import { ConfigMapSchema, type ConfigMap } from './config-map.ts';
import { defaultEndpointSlice } from './defaults/endpoint-slice.ts';
import { defaultEvent } from './defaults/event.ts';
import { defaultLease } from './defaults/lease.ts';
import { defaultNamespace } from './defaults/namespace.ts';
import { defaultNode } from './defaults/node.ts';
import { defaultPod } from './defaults/pod.ts';
import { defaultPodTemplate } from './defaults/pod-template.ts';
import { defaultPriorityClass } from './defaults/priority-class.ts';
import { defaultSecret } from './defaults/secret.ts';
import { defaultService } from './defaults/service.ts';
import { DeleteOptionsSchema } from './delete-options.ts';
import { EndpointSliceSchema, type EndpointSlice } from './endpoint-slice.ts';
import { EvictionSchema, type Eviction } from './eviction.ts';
import { EventSchema, type Event } from './event.ts';
import { EventsEventSchema, newNames, oldNames, type EventsEvent } from './events-event.ts';
import { defineKind, type KindInfo } from './kind-info.ts';
import { LeaseSchema, type Lease } from './lease.ts';
import { NamespaceSchema, type Namespace } from './namespace.ts';
import { NodeSchema, type Node } from './node.ts';
import { PodSchema, type Pod } from './pod.ts';
import { PodDisruptionBudgetSchema, type PodDisruptionBudget } from './pod-disruption-budget.ts';
import { metricsKinds } from './metrics-kinds.ts';
import { reviewKinds } from './review-kinds.ts';
import { PodTemplateSchema, type PodTemplate } from './pod-template.ts';
import { PriorityClassSchema, type PriorityClass } from './priority-class.ts';
import { RuntimeClassSchema, type RuntimeClass } from './runtime-class.ts';
import { SecretSchema, type Secret } from './secret.ts';
import { ServiceSchema, type Service } from './service.ts';
import { ServiceAccountSchema, type ServiceAccount } from './service-account.ts';
import { validateBinding } from './validation/binding.ts';
import { validateConfigMap, validateConfigMapUpdate } from './validation/config-map.ts';
import { validateEndpointSlice, validateEndpointSliceUpdate, warnOfEndpointSlice, warnOfNewEndpointSlice } from './validation/endpoint-slice.ts';
import { validateEvent, validateEventUpdate } from './validation/event.ts';
import { validateEventsEvent, validateEventsEventUpdate } from './validation/events-event.ts';
import { validateLease, validateLeaseUpdate } from './validation/lease.ts';
import { validateNamespace, validateNamespaceStatusUpdate, validateNamespaceUpdate } from './validation/namespace.ts';
import { validateNode, validateNodeStatusUpdate, validateNodeUpdate } from './validation/node.ts';
import { warnOfNode } from './validation/node-warnings.ts';
import { validatePod } from './validation/pod.ts';
import { validatePodStatusUpdate } from './validation/pod-status.ts';
import {
  validatePodDisruptionBudget, validatePodDisruptionBudgetStatusUpdate, validatePodDisruptionBudgetUpdate,
} from './validation/pod-disruption-budget.ts';
import { validatePodUpdate } from './validation/pod-update.ts';
import { warnOfPod, warnOfPodStatus } from './validation/pod-warnings.ts';
import { validatePodTemplate, validatePodTemplateUpdate } from './validation/pod-template.ts';
import { validatePriorityClass, validatePriorityClassUpdate } from './validation/priority-class.ts';
import { validateRuntimeClass, validateRuntimeClassUpdate } from './validation/runtime-class.ts';
import { validateSecret, validateSecretUpdate } from './validation/secret.ts';
import { validateService, validateServiceStatusUpdate, validateServiceUpdate } from './validation/service.ts';
import { validateServiceAccount } from './validation/service-account.ts';

export const podKind = defineKind<Pod>({
  group: '', version: 'v1', kind: 'Pod', resource: 'pods', singular: 'pod', shortNames: ['po'], categories: ['all'], namespaced: true,
  schema: PodSchema,
  checksMembers: true,
  applyDefaults: defaultPod,
  validateCreate: validatePod,
  validateUpdate: validatePodUpdate,
  validateStatusUpdate: validatePodStatusUpdate,
  warningsBeforeCreate: warnAppArmorAnnotations,
  warningsOnCreate: warnOfPod,
  warningsOnStatusUpdate: warnOfPodStatus,
});

export const nodeKind = defineKind<Node>({
  group: '', version: 'v1', kind: 'Node', resource: 'nodes', singular: 'node', shortNames: ['no'], categories: [], namespaced: false,
  schema: NodeSchema,
  checksMembers: true,
  applyDefaults: defaultNode,
  validateCreate: validateNode,
  validateUpdate: validateNodeUpdate,
  validateStatusUpdate: validateNodeStatusUpdate,
  warningsOnCreate: warnOfNode,
  warningsOnUpdate: warnOfNode,
});

export const namespaceKind = defineKind<Namespace>({
  group: '', version: 'v1', kind: 'Namespace', resource: 'namespaces', singular: 'namespace', shortNames: ['ns'], categories: [],
  namespaced: false,
  schema: NamespaceSchema,
  checksMembers: true,
  applyDefaults: defaultNamespace,
  validateCreate: validateNamespace,
  validateUpdate: validateNamespaceUpdate,
  validateStatusUpdate: validateNamespaceStatusUpdate,
});

export const eventKind = defineKind<Event>({
  group: '', version: 'v1', kind: 'Event', resource: 'events', singular: 'event', shortNames: ['ev'], categories: [], namespaced: true,
  schema: EventSchema,
  otherVersion: { apiVersion: 'events.k8s.io/v1', names: newNames },
  checksMembers: true,
  applyDefaults: defaultEvent,
  validateCreate: validateEvent,
  validateUpdate: validateEventUpdate,
});

/** The same objects as {@link eventKind}. */
export const eventsEventKind = defineKind<EventsEvent>({
  group: 'events.k8s.io', version: 'v1', kind: 'Event', resource: 'events', singular: 'event', shortNames: ['ev'], categories: [], namespaced: true,
  schema: EventsEventSchema,
  otherVersion: { apiVersion: 'v1', names: oldNames },
  validateCreate: validateEventsEvent,
  validateUpdate: validateEventsEventUpdate,
});

export const leaseKind = defineKind<Lease>({
  group: 'coordination.k8s.io', version: 'v1', kind: 'Lease', resource: 'leases', singular: 'lease', shortNames: [], categories: [],
  namespaced: true,
  schema: LeaseSchema,
  checksMembers: true,
  applyDefaults: defaultLease,
  validateCreate: validateLease,
  validateUpdate: validateLeaseUpdate,
});

export const configMapKind = defineKind<ConfigMap>({
  group: '', version: 'v1', kind: 'ConfigMap', resource: 'configmaps', singular: 'configmap', shortNames: ['cm'], categories: [], namespaced: true,
  schema: ConfigMapSchema,
  validateCreate: validateConfigMap,
  validateUpdate: validateConfigMapUpdate,
});

export const secretKind = defineKind<Secret>({
  group: '', version: 'v1', kind: 'Secret', resource: 'secrets', singular: 'secret', shortNames: [], categories: [], namespaced: true,
  schema: SecretSchema,
  applyDefaults: defaultSecret,
  validateCreate: validateSecret,
  validateUpdate: validateSecretUpdate,
});

export const serviceKind = defineKind<Service>({
  group: '', version: 'v1', kind: 'Service', resource: 'services', singular: 'service', shortNames: ['svc'], categories: ['all'], namespaced: true,
  schema: ServiceSchema,
  applyDefaults: defaultService,
  validateCreate: validateService,
  validateUpdate: validateServiceUpdate,
  validateStatusUpdate: validateServiceStatusUpdate,
});

export const endpointSliceKind = defineKind<EndpointSlice>({
  group: 'discovery.k8s.io', version: 'v1', kind: 'EndpointSlice', resource: 'endpointslices', singular: 'endpointslice', shortNames: [],
  categories: [], namespaced: true,
  schema: EndpointSliceSchema,
  applyDefaults: defaultEndpointSlice,
  validateCreate: validateEndpointSlice,
  validateUpdate: validateEndpointSliceUpdate,
  warningsOnCreate: warnOfNewEndpointSlice,
  warningsOnUpdate: warnOfEndpointSlice,
});

export const podTemplateKind = defineKind<PodTemplate>({
  group: '', version: 'v1', kind: 'PodTemplate', resource: 'podtemplates', singular: 'podtemplate', shortNames: [], categories: [], namespaced: true,
  schema: PodTemplateSchema,
  applyDefaults: defaultPodTemplate,
  validateCreate: validatePodTemplate,
  validateUpdate: validatePodTemplateUpdate,
});

export const priorityClassKind = defineKind<PriorityClass>({
  group: 'scheduling.k8s.io', version: 'v1', kind: 'PriorityClass', resource: 'priorityclasses', singular: 'priorityclass', shortNames: ['pc'],
  categories: [], namespaced: false,
  schema: PriorityClassSchema,
  applyDefaults: defaultPriorityClass,
  validateCreate: validatePriorityClass,
  validateUpdate: validatePriorityClassUpdate,
});

export const runtimeClassKind = defineKind<RuntimeClass>({
  group: 'node.k8s.io', version: 'v1', kind: 'RuntimeClass', resource: 'runtimeclasses', singular: 'runtimeclass', shortNames: [], categories: [],
  namespaced: false,
  schema: RuntimeClassSchema,
  validateCreate: validateRuntimeClass,
  validateUpdate: validateRuntimeClassUpdate,
});

export const serviceAccountKind = defineKind<ServiceAccount>({
  group: '', version: 'v1', kind: 'ServiceAccount', resource: 'serviceaccounts', singular: 'serviceaccount', shortNames: ['sa'],
  categories: [], namespaced: true,
  schema: ServiceAccountSchema,
  validateCreate: validateServiceAccount,
});

export const podDisruptionBudgetKind = defineKind<PodDisruptionBudget>({
  group: 'policy', version: 'v1', kind: 'PodDisruptionBudget', resource: 'poddisruptionbudgets', singular: 'poddisruptionbudget', shortNames: ['pdb'],
  categories: [], namespaced: true,
  schema: PodDisruptionBudgetSchema,
  checksMembers: true,
  validateCreate: validatePodDisruptionBudget,
  validateUpdate: validatePodDisruptionBudgetUpdate,
  validateStatusUpdate: validatePodDisruptionBudgetStatusUpdate,
});

/** Not stored: the body of `pods/NAME/eviction`. */
export const evictionKind = defineKind<Eviction>({
  group: 'policy', version: 'v1', kind: 'Eviction', resource: 'evictions', singular: 'eviction', shortNames: [], categories: [], namespaced: true,
  schema: EvictionSchema,
  validateCreate: () => [],
});

/** Not stored: the body of `pods/NAME/binding`. */
export const bindingKind = defineKind<Binding>({
  group: '', version: 'v1', kind: 'Binding', resource: 'bindings', singular: 'binding', shortNames: [], categories: [], namespaced: true,
  schema: BindingSchema,
  validateCreate: validateBinding,
});

/** Those that clients send. */
const bodyKinds: readonly KindInfo[] = [
  podKind, nodeKind, namespaceKind, eventKind, leaseKind, configMapKind, secretKind, serviceAccountKind, podTemplateKind,
  priorityClassKind, runtimeClassKind, eventsEventKind, serviceKind, endpointSliceKind, podDisruptionBudgetKind,
  bindingKind, evictionKind,
  ...reviewKinds,
];

/** The only list of kinds. */
export const kinds: readonly KindInfo[] = [...bodyKinds, ...metricsKinds];

/** `v1` or `coordination.k8s.io/v1`. */
export function apiVersionOf({ group, version }: { group: string; version: string }): string {
  return group === '' ? version : `${group}/${version}`;
}

export function kindFor(apiVersion: string, kind: string): KindInfo | undefined {
  return kinds.find((info) => info.kind === kind && apiVersionOf(info) === apiVersion);
}

/** Of everything that may come as a body: kinds, and the options of a delete. */
export function bodySchemas(): TSchema[] {
  return [...bodyKinds.map(({ schema }) => schema), DeleteOptionsSchema];
}

/** DeleteOptions are the same in every group and version. */
export function bodySchemaFor(apiVersion: string, kind: string): TSchema | undefined {
  return kind === 'DeleteOptions' ? DeleteOptionsSchema : kindFor(apiVersion, kind)?.schema;
}
