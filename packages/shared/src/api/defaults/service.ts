import { isExternallyAccessible } from '../service-traits.ts';
import type { Service, ServicePort, ServiceSpec } from '../service.ts';
import { change, fill } from './fill.ts';

const AFFINITY_SECONDS = 10_800;

/** Kubernetes' defaults. Addresses and node ports belong to the registry, which knows the ranges. */
export function defaultService(service: Service): Service {
  const spec = fill<ServiceSpec>(service.spec ?? {}, { sessionAffinity: 'None', type: 'ClusterIP' });
  const withPorts = change(spec, 'ports', (ports) => ports.map(defaultPort));
  return { ...service, spec: defaultTraffic(defaultAffinity(withPorts)), ...(service.status ? { status: service.status } : {}) };
}

function defaultPort(port: ServicePort): ServicePort {
  const { targetPort } = port;
  const isUnset = targetPort === undefined || targetPort === 0 || targetPort === '';
  return { ...fill(port, { protocol: 'TCP' }), ...(isUnset ? { targetPort: port.port } : {}) };
}

function defaultAffinity(spec: ServiceSpec): ServiceSpec {
  const { sessionAffinityConfig, ...rest } = spec;
  if (spec.sessionAffinity === 'None') return rest;
  if (spec.sessionAffinity !== 'ClientIP' || sessionAffinityConfig?.clientIP?.timeoutSeconds !== undefined) return spec;
  return { ...rest, sessionAffinityConfig: { clientIP: { timeoutSeconds: AFFINITY_SECONDS } } };
}

function defaultTraffic(spec: ServiceSpec): ServiceSpec {
  return {
    ...spec,
    ...(isExternallyAccessible(spec) && !spec.externalTrafficPolicy ? { externalTrafficPolicy: 'Cluster' } : {}),
    ...(spec.type !== 'ExternalName' && !spec.internalTrafficPolicy ? { internalTrafficPolicy: 'Cluster' } : {}),
    ...(spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts === undefined ? { allocateLoadBalancerNodePorts: true } : {}),
  };
}
