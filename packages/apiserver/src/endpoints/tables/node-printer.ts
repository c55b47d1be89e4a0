import type { Node } from '@podling/shared/api';
import { ageOf } from '@podling/shared/human-duration';
import { column } from './printer.ts';
import type { Printer } from './printer.ts';

const rolePrefix = 'node-role.kubernetes.io/';

function statusOf({ status, spec }: Node): string {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const state = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady';
  return spec?.unschedulable ? `${state},SchedulingDisabled` : state;
}

function rolesOf({ metadata }: Node): string {
  const labels = metadata.labels ?? {};
  const roles = Object.keys(labels).filter((label) => label.startsWith(rolePrefix)).map((label) => label.slice(rolePrefix.length));
  if (labels['kubernetes.io/role']) roles.push(labels['kubernetes.io/role']);
  const named = [...new Set(roles.filter((role) => role !== ''))].toSorted();
  return named.length === 0 ? '<none>' : named.join(',');
}

function addressOf({ status }: Node, type: string): string {
  return status?.addresses?.find((address) => address.type === type)?.address ?? '<none>';
}

function kernelText({ status }: Node): string {
  const { kernelVersion, architecture } = status?.nodeInfo ?? {};
  return (kernelVersion || '<unknown>') + (architecture ? ` (${architecture})` : '');
}

export const nodePrinter: Printer = {
  columns: [
    column('Name', 'Name of the node.'),
    column('Status', 'Ready, NotReady or Unknown, and whether pods are kept off.'),
    column('Roles', 'Roles from the node-role labels.'),
    column('Age', 'Time since the node registered.'),
    column('Version', 'Version of the kubelet.'),
    column('Internal-IP', 'Address inside the cluster.', { priority: 1 }),
    column('External-IP', 'Address outside the cluster.', { priority: 1 }),
    column('OS-Image', 'Operating system of the node.', { priority: 1 }),
    column('Kernel-Version', 'Kernel of the node.', { priority: 1 }),
    column('Container-Runtime', 'Container runtime and its version.', { priority: 1 }),
  ],
  cells(object, nowMs) {
    const node = object as Node;
    const system = node.status?.nodeInfo;
    return [
      node.metadata.name, statusOf(node), rolesOf(node), ageOf(node.metadata.creationTimestamp, nowMs), system?.kubeletVersion ?? '',
      addressOf(node, 'InternalIP'), addressOf(node, 'ExternalIP'), system?.osImage || '<unknown>', kernelText(node),
      system?.containerRuntimeVersion || '<unknown>',
    ];
  },
};
