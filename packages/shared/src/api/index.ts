export * from './disruption-allowed.ts';
export * from './errors.ts';
export * from './host-ports.ts';
export { scaleUp } from './int-or-percent.ts';
export * from './meta.ts';
export * from './names.ts';
export { requiredNodeAffinity } from './node-selector.ts';
export { selectorText, selectsLabels } from './object-selector.ts';
export * from './pod-conditions.ts';
export * from './pod-source.ts';
export * from './qos-class.ts';
export { aggregateLimits, aggregateRequests, podLimits, podRequests } from './pod-resources.ts';
export * from './quantity.ts';
export * from './selectors.ts';
export { timeOf } from './time.ts';
export { tolerates } from './tolerates.ts';
export type { Status, StatusCause, StatusReason } from './status.ts';
export type {
  FieldSelectorAttributes, FieldSelectorRequirement, LabelSelectorAttributes, LocalSubjectAccessReview, NonResourceAttributes, ResourceAttributes,
  SelfSubjectAccessReview, SubjectAccessReview, SubjectAccessReviewSpec, SubjectAccessReviewStatus,
} from './access-review.ts';
export type {
  Affinity, NodeAffinity, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, PodAffinity, PodAffinityTerm, PodAntiAffinity,
  PreferredSchedulingTerm, Toleration, TopologySpreadConstraint, WeightedPodAffinityTerm,
} from './affinity.ts';
export type { Binding } from './binding.ts';
export type { ConfigMap } from './config-map.ts';
export type { Container, ContainerPort, EphemeralContainer, VolumeDevice, VolumeMount } from './container.ts';
export type {
  ContainerState, ContainerStateRunning, ContainerStateTerminated, ContainerStateWaiting, ContainerStatus,
} from './container-status.ts';
export type {
  ConfigMapKeySelector, EnvFromSource, EnvVar, EnvVarSource, FileKeySelector, ObjectFieldSelector, ResourceFieldSelector, SecretKeySelector,
} from './env.ts';
export type { DiscoveryEndpointPort, Endpoint, EndpointHints, EndpointSlice } from './endpoint-slice.ts';
export type { Eviction } from './eviction.ts';
export type { Event, EventSeries, EventSource } from './event.ts';
export type { EventsEvent } from './events-event.ts';
export type { Lease, LeaseSpec } from './lease.ts';
export type { Namespace, NamespaceCondition, NamespaceSpec, NamespaceStatus } from './namespace.ts';
export type { Node, NodeSpec, Taint } from './node.ts';
export type { ContainerImage, NodeAddress, NodeCondition, NodeStatus, NodeSystemInfo } from './node-status.ts';
export type { LocalObjectReference, ObjectReference } from './object-reference.ts';
export type { HostAlias, Pod, PodDNSConfig, PodSpec } from './pod.ts';
export type { HostIP, PodCondition, PodIP, PodPhase, PodStatus } from './pod-status.ts';
export type { PodDisruptionBudget, PodDisruptionBudgetSpec, PodDisruptionBudgetStatus } from './pod-disruption-budget.ts';
export type { ExecAction, GRPCAction, HTTPGetAction, Lifecycle, LifecycleHandler, Probe, TCPSocketAction } from './probe.ts';
export type {
  ConfigMapVolumeSource, DownwardAPIVolumeFile, DownwardAPIVolumeSource, KeyToPath, ProjectedVolumeSource, SecretVolumeSource,
  VolumeProjection,
} from './projected-volume.ts';
export type { NonResourceRule, ResourceRule, SelfSubjectRulesReview, SubjectRulesReviewStatus } from './rules-review.ts';
export type { PodTemplate, PodTemplateSpec } from './pod-template.ts';
export type { PriorityClass } from './priority-class.ts';
export type { ContainerMetrics, NodeMetrics, PodMetrics } from './resource-metrics.ts';
export type { ResourceRequirements } from './resource-requirements.ts';
export type {
  AppArmorProfile, Capabilities, PodSecurityContext, SeccompProfile, SecurityContext, SELinuxOptions, Sysctl,
} from './security-context.ts';
export type { RuntimeClass } from './runtime-class.ts';
export type { Secret } from './secret.ts';
export type { Condition } from './condition.ts';
export type { Service, ServicePort, ServiceSpec, ServiceStatus } from './service.ts';
export type { ServiceAccount } from './service-account.ts';
export type { EmptyDirVolumeSource, HostPathVolumeSource, ImageVolumeSource, Volume } from './volume.ts';
export type { BoundObjectReference, TokenRequest } from './token-request.ts';
export type { SelfSubjectReview, TokenReview, TokenReviewStatus } from './token-review.ts';
export type { UserInfo } from './user-info.ts';
