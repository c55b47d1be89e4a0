import type { Static } from 'typebox';
import {
  AffinitySchema, TolerationSchema, TopologySpreadConstraintSchema, type Affinity, type Toleration, type TopologySpreadConstraint,
} from './affinity.ts';
import { ContainerSchema, EphemeralContainerSchema, type Container, type EphemeralContainer } from './container.ts';
import { ObjectMetaSchema, typeMeta, type ObjectMeta } from './object-meta.ts';
import { LocalObjectReferenceSchema, type LocalObjectReference } from './object-reference.ts';
import { PodStatusSchema, type PodStatus } from './pod-status.ts';
import { ResourceRequirementsSchema, type ResourceRequirements } from './resource-requirements.ts';
import { atomicStringMap, boolean, int32, int64, keepEmpty, list, mergeList, model, named, oneOf, resourceList, string, unlisted } from './schema.ts';
import { PodSecurityContextSchema, type PodSecurityContext } from './security-context.ts';
import { VolumeSchema, type Volume } from './volume.ts';

export const HostAliasSchema = model('core.v1.HostAlias', { ip: string }, { hostnames: list(string) });
export interface HostAlias extends Static<typeof HostAliasSchema> {}

export const PodDNSConfigSchema = model(
  'core.v1.PodDNSConfig',
  {},
  { nameservers: list(string), searches: list(string), options: list(model('core.v1.PodDNSConfigOption', {}, { name: string, value: keepEmpty(string) })) },
);
export interface PodDNSConfig extends Static<typeof PodDNSConfigSchema> {}

const PodResourceClaimSchema = model('core.v1.PodResourceClaim', { name: string }, { resourceClaimName: keepEmpty(string), resourceClaimTemplateName: keepEmpty(string) });

const containers = mergeList(named<Container>(ContainerSchema), 'name');

const identity = {
  nodeName: string,
  hostname: string,
  subdomain: string,
  setHostnameAsFQDN: keepEmpty(boolean),
  hostnameOverride: keepEmpty(string),
  serviceAccountName: string,
  serviceAccount: string,
  automountServiceAccountToken: keepEmpty(boolean),
  imagePullSecrets: mergeList(named<LocalObjectReference>(LocalObjectReferenceSchema), 'name'),
};

const hostAccess = {
  hostNetwork: boolean,
  hostPID: boolean,
  hostIPC: boolean,
  hostUsers: keepEmpty(boolean),
  shareProcessNamespace: keepEmpty(boolean),
  securityContext: named<PodSecurityContext>(PodSecurityContextSchema),
  hostAliases: mergeList(named<HostAlias>(HostAliasSchema), 'ip'),
  dnsPolicy: oneOf('ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'),
  dnsConfig: named<PodDNSConfig>(PodDNSConfigSchema),
  enableServiceLinks: keepEmpty(boolean),
  runtimeClassName: keepEmpty(string),
  os: model('core.v1.PodOS', { name: unlisted(oneOf('linux', 'windows')) }, {}),
};

const placement = {
  nodeSelector: atomicStringMap,
  affinity: named<Affinity>(AffinitySchema),
  schedulerName: string,
  tolerations: list(named<Toleration>(TolerationSchema)),
  priorityClassName: string,
  priority: keepEmpty(int32),
  preemptionPolicy: keepEmpty(oneOf('PreemptLowerPriority', 'Never')),
  topologySpreadConstraints: mergeList(named<TopologySpreadConstraint>(TopologySpreadConstraintSchema), 'topologyKey', {
    mapKeys: ['topologyKey', 'whenUnsatisfiable'],
  }),
  schedulingGates: mergeList(model('core.v1.PodSchedulingGate', { name: string }, {}), 'name'),
  schedulingGroup: model('core.v1.PodSchedulingGroup', {}, { podGroupName: keepEmpty(string) }, { unions: [{ 'fields-to-discriminateBy': { podGroupName: 'PodGroupName' } }] }),
  overhead: resourceList,
  resources: named<ResourceRequirements>(ResourceRequirementsSchema),
  resourceClaims: mergeList(PodResourceClaimSchema, 'name', { strategy: 'merge,retainKeys' }),
};

export const PodSpecSchema = model(
  'core.v1.PodSpec',
  { containers },
  {
    volumes: mergeList(named<Volume>(VolumeSchema), 'name', { strategy: 'merge,retainKeys' }),
    initContainers: containers,
    ephemeralContainers: mergeList(named<EphemeralContainer>(EphemeralContainerSchema), 'name'),
    restartPolicy: oneOf('Always', 'OnFailure', 'Never'),
    terminationGracePeriodSeconds: keepEmpty(int64),
    activeDeadlineSeconds: keepEmpty(int64),
    readinessGates: list(model('core.v1.PodReadinessGate', { conditionType: string }, {})),
    ...identity,
    ...hostAccess,
    ...placement,
  },
);
export interface PodSpec extends Static<typeof PodSpecSchema> {}

export const PodSchema = model(
  'core.v1.Pod',
  { metadata: named<ObjectMeta>(ObjectMetaSchema), spec: named<PodSpec>(PodSpecSchema) },
  { ...typeMeta, status: named<PodStatus>(PodStatusSchema) },
  { implied: ['metadata', 'spec'], defaults: { metadata: {}, spec: {}, status: {} } },
);
export interface Pod extends Static<typeof PodSchema> {}
