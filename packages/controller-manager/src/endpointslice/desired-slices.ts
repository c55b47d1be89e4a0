import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { isPodReady, namespaceOf, uidOf } from '@podling/shared/api';
import type { DiscoveryEndpointPort, Endpoint, EndpointSlice, Pod, Service, ServicePort } from '@podling/shared/api';

export const serviceNameLabel = 'kubernetes.io/service-name';
export const managedByLabel = 'endpointslice.kubernetes.io/managed-by';
export const controllerName = 'endpointslice-controller.k8s.io';
const headlessLabel = 'service.kubernetes.io/headless';
const maxEndpointsPerSlice = 100;

type Family = 'IPv4' | 'IPv6';

/**
 * The slices that a service with a selector should have, one for each address family, set of ports and hundred pods; with
 * no pods one that is empty. Names follow from the content, so that whoever computes them twice makes nothing twice.
 */
export function desiredSlices(service: Service, pods: readonly Pod[]): EndpointSlice[] {
  const serving = pods.filter(hasEndpoint).toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  return (service.spec?.ipFamilies ?? []).flatMap((family) => slicesOf(service, serving, family));
}

function slicesOf(service: Service, pods: readonly Pod[], family: Family): EndpointSlice[] {
  const ofFamily = pods.filter((pod) => addressesOf(pod, family).length > 0);
  if (ofFamily.length === 0) return [sliceOf(service, { family, ports: [], endpoints: [] }, 0)];
  const byPorts = Map.groupBy(ofFamily, (pod) => JSON.stringify(portsOf(service, pod)));
  return [...byPorts].flatMap(([key, group]) => {
    const ports = JSON.parse(key) as DiscoveryEndpointPort[];
    return chunks(group).map((chunk, index) => sliceOf(service, { family, ports, endpoints: chunk.map((pod) => endpointOf(service, pod, family)) }, index));
  });
}

function chunks(pods: readonly Pod[]): Pod[][] {
  return Array.from({ length: Math.ceil(pods.length / maxEndpointsPerSlice) }, (_, index) => pods.slice(index * maxEndpointsPerSlice, (index + 1) * maxEndpointsPerSlice));
}

interface SliceContent {
  family: Family;
  ports: DiscoveryEndpointPort[];
  endpoints: Endpoint[];
}

function sliceOf(service: Service, { family, ports, endpoints }: SliceContent, index: number): EndpointSlice {
  const { name } = service.metadata;
  const suffix = createHash('sha256').update(JSON.stringify([uidOf(service), family, ports, index])).digest('hex').slice(0, 10);
  const owner = { apiVersion: 'v1', kind: 'Service', name, uid: uidOf(service), controller: true, blockOwnerDeletion: true };
  const metadata = { name: `${name}-${suffix}`, namespace: namespaceOf(service), labels: labelsOf(service), ownerReferences: [owner] };
  return { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata, addressType: family, endpoints, ports };
}

function labelsOf({ metadata, spec }: Service): Record<string, string> {
  const { [headlessLabel]: _headless, ...labels } = metadata.labels ?? {};
  const isHeadless = spec?.clusterIP === 'None' || !spec?.clusterIP;
  return { ...labels, ...(isHeadless ? { [headlessLabel]: '' } : {}), [serviceNameLabel]: metadata.name, [managedByLabel]: controllerName };
}

function hasEndpoint({ status }: Pod): boolean {
  const { phase, podIPs = [] } = status ?? {};
  return phase !== 'Succeeded' && phase !== 'Failed' && podIPs.length > 0;
}

function addressesOf({ status }: Pod, family: Family): string[] {
  return (status?.podIPs ?? []).map(({ ip }) => ip).filter((ip) => ip !== '' && isIPv6(ip) === (family === 'IPv6'));
}

/** A pod that ends is not ready, whatever its condition says. */
function endpointOf({ spec, metadata: { name: serviceName } }: Service, pod: Pod, family: Family): Endpoint {
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const serving = isPodReady(pod);
  const { hostname, subdomain, nodeName } = pod.spec;
  return {
    addresses: addressesOf(pod, family),
    conditions: { ready: spec?.publishNotReadyAddresses === true || (serving && !terminating), serving, terminating },
    targetRef: { kind: 'Pod', namespace: namespaceOf(pod), name: pod.metadata.name, uid: uidOf(pod) },
    ...(nodeName ? { nodeName } : {}),
    ...(hostname && subdomain === serviceName ? { hostname } : {}),
  };
}

/** Those of the service, as the pod has them: a name that it does not have is left out. */
function portsOf({ spec }: Service, pod: Pod): DiscoveryEndpointPort[] {
  return (spec?.ports ?? []).flatMap((servicePort) => {
    const port = targetOf(servicePort, pod);
    const { name = '', protocol = 'TCP', appProtocol } = servicePort;
    return port === undefined ? [] : [{ name, protocol, port, ...(appProtocol === undefined ? {} : { appProtocol }) }];
  });
}

function targetOf({ targetPort, port, protocol = 'TCP' }: ServicePort, pod: Pod): number | undefined {
  if (typeof targetPort !== 'string') return targetPort ?? port;
  const { containers, initContainers = [] } = pod.spec;
  const running = [...containers, ...initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always')];
  const ports = running.flatMap((container) => container.ports ?? []);
  return ports.find((candidate) => candidate.name === targetPort && (candidate.protocol ?? 'TCP') === protocol)?.containerPort;
}
