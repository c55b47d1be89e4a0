import type { Static } from 'typebox';
import { NodeConfigSourceSchema } from './node-config-source.ts';
import { boolean, int32, int64, keepEmpty, list, mergeList, model, named, oneOf, resourceList, string, timeOrNull, unlisted } from './schema.ts';

export const NodeConditionSchema = model(
  'core.v1.NodeCondition',
  { type: string, status: unlisted(oneOf('True', 'False', 'Unknown')) },
  { lastHeartbeatTime: timeOrNull, lastTransitionTime: timeOrNull, reason: string, message: string },
);
export interface NodeCondition extends Static<typeof NodeConditionSchema> {}

/** `type`: Hostname, InternalIP, ExternalIP, InternalDNS or ExternalDNS. */
export const NodeAddressSchema = model('core.v1.NodeAddress', { type: string, address: string }, {});
export interface NodeAddress extends Static<typeof NodeAddressSchema> {}

export const NodeSystemInfoSchema = model(
  'core.v1.NodeSystemInfo',
  {
    machineID: string,
    systemUUID: string,
    bootID: string,
    kernelVersion: string,
    osImage: string,
    containerRuntimeVersion: string,
    kubeletVersion: string,
    kubeProxyVersion: string,
    operatingSystem: string,
    architecture: string,
  },
  { swap: model('core.v1.NodeSwapStatus', {}, { capacity: keepEmpty(int64) }) },
);
export interface NodeSystemInfo extends Static<typeof NodeSystemInfoSchema> {}

export const ContainerImageSchema = model('core.v1.ContainerImage', { names: list(string) }, { sizeBytes: int64 }, { implied: ['names'] });
export interface ContainerImage extends Static<typeof ContainerImageSchema> {}

const NodeRuntimeHandlerSchema = model(
  'core.v1.NodeRuntimeHandler',
  { name: string },
  { features: model('core.v1.NodeRuntimeHandlerFeatures', {}, { recursiveReadOnlyMounts: keepEmpty(boolean), userNamespaces: keepEmpty(boolean) }) },
  { implied: ['name'], defaults: { name: '' } },
);

const NodeConfigStatusSchema = model(
  'core.v1.NodeConfigStatus',
  {},
  { assigned: NodeConfigSourceSchema, active: NodeConfigSourceSchema, lastKnownGood: NodeConfigSourceSchema, error: string },
);

export const NodeStatusSchema = model(
  'core.v1.NodeStatus',
  {},
  {
    capacity: resourceList,
    allocatable: resourceList,
    phase: oneOf('Pending', 'Running', 'Terminated'),
    conditions: mergeList(named<NodeCondition>(NodeConditionSchema), 'type'),
    addresses: mergeList(named<NodeAddress>(NodeAddressSchema), 'type'),
    daemonEndpoints: model('core.v1.NodeDaemonEndpoints', {}, { kubeletEndpoint: model('core.v1.DaemonEndpoint', { Port: int32 }, {}) }, { defaults: { kubeletEndpoint: {} } }),
    nodeInfo: named<NodeSystemInfo>(NodeSystemInfoSchema),
    images: list(named<ContainerImage>(ContainerImageSchema)),
    volumesInUse: list(string),
    volumesAttached: list(model('core.v1.AttachedVolume', { name: string, devicePath: string }, {})),
    config: NodeConfigStatusSchema,
    runtimeHandlers: list(NodeRuntimeHandlerSchema),
    features: model('core.v1.NodeFeatures', {}, { supplementalGroupsPolicy: keepEmpty(boolean) }),
    declaredFeatures: list(string),
  },
  { defaults: { daemonEndpoints: {}, nodeInfo: {} } },
);
export interface NodeStatus extends Static<typeof NodeStatusSchema> {}
