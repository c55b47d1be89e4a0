import type { Service, ServicePort } from '@podling/shared/api';
import { ageOf } from '@podling/shared/human-duration';
import { labelsText } from './labels-text.ts';
import { column } from './printer.ts';
import type { Printer } from './printer.ts';

function loadBalancerText({ status }: Service): string {
  return [...new Set((status?.loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }) => ip || hostname || []))].toSorted().join(',');
}

function externalText(service: Service): string {
  const { type, externalIPs = [], externalName = '' } = service.spec ?? {};
  if (type === 'ExternalName') return externalName;
  const balanced = type === 'LoadBalancer' ? loadBalancerText(service) : '';
  const all = [...(balanced === '' ? [] : [balanced]), ...externalIPs];
  if (all.length > 0) return all.join(',');
  return type === 'LoadBalancer' ? '<pending>' : '<none>';
}

function portText({ port, nodePort, protocol = 'TCP' }: ServicePort): string {
  return nodePort ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`;
}

export const servicePrinter: Printer = {
  columns: [
    column('Name', 'Name of the service.'),
    column('Type', 'How the service can be reached.'),
    column('Cluster-IP', 'Address inside the cluster; None for a headless service.'),
    column('External-IP', 'Addresses outside the cluster.'),
    column('Port(s)', 'Ports, with their node ports.'),
    column('Age', 'Time since creation.'),
    column('Selector', 'Labels of the pods behind it.', { priority: 1 }),
  ],
  cells(object, nowMs) {
    const service = object as Service;
    const { metadata, spec = {} } = service;
    return [
      metadata.name, spec.type ?? '', spec.clusterIPs?.[0] ?? '<none>', externalText(service), (spec.ports ?? []).map(portText).join(',') || '<none>',
      ageOf(metadata.creationTimestamp, nowMs), labelsText(spec.selector),
    ];
  },
};
