import type { Static } from 'typebox';
import { ContainerStatusSchema, type ContainerStatus } from './container-status.ts';
import { ResourceRequirementsSchema, type ResourceRequirements } from './resource-requirements.ts';
import { int64, keepEmpty, list, mergeList, model, named, oneOf, resourceList, setOf, string, time, timeOrNull, unlisted } from './schema.ts';

export const PodConditionSchema = model(
  'core.v1.PodCondition',
  { type: string, status: unlisted(oneOf('True', 'False', 'Unknown')) },
  { observedGeneration: int64, lastProbeTime: timeOrNull, lastTransitionTime: timeOrNull, reason: string, message: string },
);
export interface PodCondition extends Static<typeof PodConditionSchema> {}

export const PodIPSchema = model('core.v1.PodIP', { ip: string }, {});
export interface PodIP extends Static<typeof PodIPSchema> {}

export const HostIPSchema = model('core.v1.HostIP', { ip: string }, {});
export interface HostIP extends Static<typeof HostIPSchema> {}

const ExtendedResourceClaimStatusSchema = model(
  'core.v1.PodExtendedResourceClaimStatus',
  {
    requestMappings: list(model('core.v1.ContainerExtendedResourceRequest', { containerName: string, resourceName: string, requestName: string }, {})),
    resourceClaimName: string,
  },
  {},
);

const NodeAllocatableResourceClaimStatusSchema = model('core.v1.NodeAllocatableResourceClaimStatus', { resourceClaimName: string, resources: resourceList }, { containers: setOf(string) });

const containerStatuses = list(named<ContainerStatus>(ContainerStatusSchema));

export const PodStatusSchema = model(
  'core.v1.PodStatus',
  {},
  {
    observedGeneration: int64,
    phase: oneOf('Pending', 'Running', 'Succeeded', 'Failed', 'Unknown'),
    conditions: mergeList(named<PodCondition>(PodConditionSchema), 'type'),
    message: string,
    reason: string,
    nominatedNodeName: string,
    hostIP: string,
    hostIPs: mergeList(named<HostIP>(HostIPSchema), 'ip', { listType: 'atomic' }),
    podIP: string,
    podIPs: mergeList(named<PodIP>(PodIPSchema), 'ip'),
    startTime: time,
    initContainerStatuses: containerStatuses,
    containerStatuses,
    qosClass: oneOf('Guaranteed', 'Burstable', 'BestEffort'),
    ephemeralContainerStatuses: containerStatuses,
    resize: unlisted(oneOf('InProgress', 'Deferred', 'Infeasible')),
    resourceClaimStatuses: mergeList(model('core.v1.PodResourceClaimStatus', { name: string }, { resourceClaimName: keepEmpty(string) }), 'name', { strategy: 'merge,retainKeys' }),
    extendedResourceClaimStatus: ExtendedResourceClaimStatusSchema,
    allocatedResources: resourceList,
    resources: named<ResourceRequirements>(ResourceRequirementsSchema),
    nodeAllocatableResourceClaimStatuses: list(NodeAllocatableResourceClaimStatusSchema),
  },
);
export interface PodStatus extends Static<typeof PodStatusSchema> {}
export type PodPhase = NonNullable<PodStatus['phase']>;
