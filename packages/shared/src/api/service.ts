import type { Static } from 'typebox';
import { ConditionSchema, type Condition } from './condition.ts';
import { ObjectMetaSchema, typeMeta, type ObjectMeta } from './object-meta.ts';
import { atomicStringMap, boolean, int32, intOrString, keepEmpty, list, mergeList, model, named, oneOf, string } from './schema.ts';

const protocol = oneOf('SCTP', 'TCP', 'UDP');

export const ServicePortSchema = model(
  'core.v1.ServicePort',
  { port: int32 },
  { name: string, protocol, appProtocol: keepEmpty(string), targetPort: intOrString, nodePort: int32 },
  { defaults: { protocol: 'TCP' } },
);
export interface ServicePort extends Static<typeof ServicePortSchema> {}

const ClientIPConfigSchema = model('core.v1.ClientIPConfig', {}, { timeoutSeconds: keepEmpty(int32) });
const SessionAffinityConfigSchema = model('core.v1.SessionAffinityConfig', {}, { clientIP: ClientIPConfigSchema });

const addresses = {
  /** `None`: headless. The first of `clusterIPs`. */
  clusterIP: string,
  clusterIPs: list(string),
  ipFamilies: list(oneOf('IPv4', 'IPv6')),
  ipFamilyPolicy: keepEmpty(oneOf('PreferDualStack', 'RequireDualStack', 'SingleStack')),
  externalIPs: list(string),
  externalName: string,
};

const loadBalancing = {
  loadBalancerIP: string,
  loadBalancerSourceRanges: list(string),
  loadBalancerClass: keepEmpty(string),
  allocateLoadBalancerNodePorts: keepEmpty(boolean),
  healthCheckNodePort: int32,
};

export const ServiceSpecSchema = model(
  'core.v1.ServiceSpec',
  {},
  {
    ports: mergeList(named<ServicePort>(ServicePortSchema), 'port', { mapKeys: ['port', 'protocol'] }),
    selector: atomicStringMap,
    ...addresses,
    type: oneOf('ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'),
    sessionAffinity: oneOf('ClientIP', 'None'),
    sessionAffinityConfig: SessionAffinityConfigSchema,
    ...loadBalancing,
    externalTrafficPolicy: oneOf('Cluster', 'Local'),
    internalTrafficPolicy: keepEmpty(oneOf('Cluster', 'Local')),
    trafficDistribution: keepEmpty(string),
    publishNotReadyAddresses: boolean,
  },
);
export interface ServiceSpec extends Static<typeof ServiceSpecSchema> {}

const PortStatusSchema = model('core.v1.PortStatus', { port: int32, protocol: named<string>(protocol) }, { error: keepEmpty(string) });
export const LoadBalancerIngressSchema = model('core.v1.LoadBalancerIngress', {}, { ip: string, hostname: string, ipMode: keepEmpty(string), ports: list(PortStatusSchema) });
export interface LoadBalancerIngress extends Static<typeof LoadBalancerIngressSchema> {}
const LoadBalancerStatusSchema = model('core.v1.LoadBalancerStatus', {}, { ingress: list(named<LoadBalancerIngress>(LoadBalancerIngressSchema)) });

export const ServiceStatusSchema = model(
  'core.v1.ServiceStatus',
  {},
  { loadBalancer: LoadBalancerStatusSchema, conditions: mergeList(named<Condition>(ConditionSchema), 'type') },
  { defaults: { loadBalancer: {} } },
);
export interface ServiceStatus extends Static<typeof ServiceStatusSchema> {}

export const ServiceSchema = model(
  'core.v1.Service',
  { metadata: named<ObjectMeta>(ObjectMetaSchema) },
  { ...typeMeta, spec: named<ServiceSpec>(ServiceSpecSchema), status: named<ServiceStatus>(ServiceStatusSchema) },
  { implied: ['metadata'], defaults: { metadata: {}, spec: {}, status: {} } },
);
export interface Service extends Static<typeof ServiceSchema> {}
