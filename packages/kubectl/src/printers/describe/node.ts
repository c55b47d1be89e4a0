import type { Event, Lease, Node, NodeSystemInfo, Pod } from '@podling/shared/api';
import { allocatedEntries } from './allocated.ts';
import { annotationsField, field, longTime, mapField, render, section } from './description.ts';
import type { Entry } from './description.ts';
import { eventsEntries } from './events.ts';

const ROLE = 'node-role.kubernetes.io/';

/** What is stored about a node in other objects. */
export interface NodeSurroundings {
  /** Undefined = not to be seen. */
  pods: readonly Pod[] | undefined;
  lease: Lease | undefined;
  /** Undefined = not wanted. */
  events: readonly Event[] | undefined;
}

function roles({ metadata }: Node): string {
  const names = Object.keys(metadata.labels ?? {}).filter((label) => label.startsWith(ROLE));
  return names.map((label) => label.slice(ROLE.length)).sort().join(',');
}

function taints({ spec }: Node): Entry {
  const list = (spec?.taints ?? []).map(({ key, value, effect }) => `${key}${value === undefined || value === '' ? '' : `=${value}`}:${effect}`);
  return { label: 'Taints', value: list.length === 0 ? '<none>' : list };
}

function leaseEntry(lease: Lease | undefined): Entry {
  const { holderIdentity, acquireTime, renewTime } = lease?.spec ?? {};
  const children = [
    field('HolderIdentity', holderIdentity ?? '<unset>'),
    field('AcquireTime', longTime(acquireTime) ?? '<unset>'),
    field('RenewTime', longTime(renewTime) ?? '<unset>'),
  ];
  return { label: 'Lease', children };
}

function conditionsEntry({ status }: Node): Entry {
  const header = ['Type', 'Status', 'LastHeartbeatTime', 'LastTransitionTime', 'Reason', 'Message'];
  const rows = (status?.conditions ?? []).map((c) => [
    c.type,
    c.status,
    longTime(c.lastHeartbeatTime) ?? '',
    longTime(c.lastTransitionTime) ?? '',
    c.reason ?? '',
    c.message ?? '',
  ]);
  const rule = header.map((name) => '-'.repeat(name === 'Type' ? 4 : name.length));
  return rows.length === 0 ? { label: 'Conditions', value: '<none>' } : { label: 'Conditions', table: [header, rule, ...rows] };
}

function amounts(label: string, list: Record<string, string | number> | undefined): Entry {
  return section(label, Object.entries(list ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, amount]) => field(name, amount)));
}

function systemInfo(info: NodeSystemInfo | undefined): Entry {
  return section('System Info', [
    field('Machine ID', info?.machineID),
    field('System UUID', info?.systemUUID),
    field('Boot ID', info?.bootID),
    field('Kernel Version', info?.kernelVersion),
    field('OS Image', info?.osImage),
    field('Operating System', info?.operatingSystem),
    field('Architecture', info?.architecture),
    field('Container Runtime Version', info?.containerRuntimeVersion),
    field('Kubelet Version', info?.kubeletVersion),
  ]);
}

/** A node with its condition, its pods, what they hold of it, and its events. */
export function describeNode(node: Node, { pods, lease, events }: NodeSurroundings, now: number): string {
  const { metadata, spec, status } = node;
  return render([
    field('Name', metadata.name),
    field('Roles', roles(node)),
    mapField('Labels', metadata.labels, '='),
    annotationsField(metadata.annotations),
    field('CreationTimestamp', longTime(metadata.creationTimestamp)),
    taints(node),
    field('Unschedulable', spec?.unschedulable === true),
    leaseEntry(lease),
    conditionsEntry(node),
    section('Addresses', (status?.addresses ?? []).map(({ type, address }) => field(type, address))),
    amounts('Capacity', status?.capacity),
    amounts('Allocatable', status?.allocatable),
    systemInfo(status?.nodeInfo),
    ...(spec?.podCIDR === undefined ? [] : [field('PodCIDR', spec.podCIDR), field('PodCIDRs', (spec.podCIDRs ?? [spec.podCIDR]).join(','))]),
    ...(pods === undefined ? [field('Pods', 'not authorized')] : allocatedEntries(node, pods, now)),
    ...eventsEntries(events, now),
  ]);
}
