import type { EndpointSlice, Event, Service } from '@podling/shared/api';
import { formatLabels } from '../table.ts';
import { annotationsField, field, mapField, render } from './description.ts';
import type { Entry } from './description.ts';
import { eventsEntries } from './events.ts';

const MOST_ENDPOINTS = 3;

type ServiceSpec = NonNullable<Service['spec']>;
type ServicePort = NonNullable<ServiceSpec['ports']>[number];

/** Where the ready ones of a port are; of many only the first, and how many more. */
function endpointsOf(slices: readonly EndpointSlice[], portName: string): string {
  if (slices.length === 0) return '<none>';
  const found = slices.flatMap(({ endpoints, ports }) => {
    const numbers = ports.filter(({ name = '' }) => name === portName).map(({ port }) => port);
    const ready = endpoints.filter(({ conditions }) => conditions?.ready !== false).map(({ addresses }) => addresses[0] ?? '');
    return numbers.flatMap((number) => ready.map((address) => `${address.includes(':') ? `[${address}]` : address}:${number}`));
  });
  const shown = found.slice(0, MOST_ENDPOINTS).join(',');
  return found.length > MOST_ENDPOINTS ? `${shown} + ${found.length - MOST_ENDPOINTS} more...` : shown;
}

function portEntries({ name = '', port, protocol = 'TCP', targetPort, nodePort, appProtocol }: ServicePort, slices: readonly EndpointSlice[]): Entry[] {
  const shownName = name === '' ? '<unset>' : name;
  return [
    field('Port', `${shownName}  ${port}/${protocol}`),
    field('TargetPort', `${targetPort ?? port}/${protocol}`),
    ...(appProtocol ? [field('AppProtocol', appProtocol)] : []),
    ...(nodePort ? [field('NodePort', `${shownName}  ${nodePort}/${protocol}`)] : []),
    { label: 'Endpoints', value: endpointsOf(slices, name) },
  ];
}

function addressEntries({ ipFamilyPolicy, ipFamilies = [], clusterIP = '', clusterIPs = [], externalIPs = [], externalName = '' }: ServiceSpec, { status }: Service): Entry[] {
  const ingress = (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip || hostname || '');
  return [
    ...(ipFamilyPolicy ? [field('IP Family Policy', ipFamilyPolicy)] : []),
    field('IP Families', ipFamilies.join(',')),
    { label: 'IP', value: clusterIP },
    field('IPs', clusterIPs.join(',')),
    ...(externalIPs.length > 0 ? [field('External IPs', externalIPs.join(','))] : []),
    ...(externalName === '' ? [] : [field('External Name', externalName)]),
    ...(ingress.length > 0 ? [field('LoadBalancer Ingress', ingress.join(', '))] : []),
  ];
}

/** A service: where it is reached, and what is behind it. */
export function describeService(service: Service, slices: readonly EndpointSlice[], events: readonly Event[] | undefined, now: number): string {
  const { metadata, spec = {} } = service;
  const { externalTrafficPolicy, internalTrafficPolicy, trafficDistribution } = spec;
  return render([
    field('Name', metadata.name),
    field('Namespace', metadata.namespace),
    mapField('Labels', metadata.labels, '='),
    annotationsField(metadata.annotations),
    field('Selector', formatLabels(spec.selector)),
    field('Type', spec.type),
    ...addressEntries(spec, service),
    ...(spec.ports ?? []).flatMap((port) => portEntries(port, slices)),
    field('Session Affinity', spec.sessionAffinity),
    ...(externalTrafficPolicy ? [field('External Traffic Policy', externalTrafficPolicy)] : []),
    ...(internalTrafficPolicy ? [field('Internal Traffic Policy', internalTrafficPolicy)] : []),
    ...(trafficDistribution ? [field('Traffic Distribution', trafficDistribution)] : []),
    ...eventsEntries(events, now),
  ]);
}
