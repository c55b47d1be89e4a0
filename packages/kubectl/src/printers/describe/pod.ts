import type { ContainerStatus, Event, Pod, Toleration } from '@podling/shared/api';
import { humanDuration } from '@podling/shared/human-duration';
import { containerEntry } from './container.ts';
import type { DescribedContainer } from './container.ts';
import { annotationsField, field, longTime, mapField, render, section } from './description.ts';
import type { Entry } from './description.ts';
import { eventsEntries } from './events.ts';
import { volumeEntry } from './volume.ts';

function nodeOf({ spec, status }: Pod): string | undefined {
  if (spec.nodeName === undefined || spec.nodeName === '') return undefined;
  return `${spec.nodeName}/${status?.hostIP ?? ''}`;
}

function statusEntries({ metadata, status }: Pod, now: number): Entry[] {
  const entries =
    metadata.deletionTimestamp === undefined
      ? [field('Status', status?.phase)]
      : [
          field('Status', `Terminating (lasts ${humanDuration(now - Date.parse(metadata.deletionTimestamp))})`),
          field('Termination Grace Period', `${metadata.deletionGracePeriodSeconds ?? 0}s`),
        ];
  if (status?.reason !== undefined && status.reason !== '') entries.push(field('Reason', status.reason));
  if (status?.message !== undefined && status.message !== '') entries.push(field('Message', status.message));
  return entries;
}

function containersEntry(label: string, containers: readonly DescribedContainer[] | undefined, statuses: readonly ContainerStatus[] | undefined): Entry[] {
  if (containers === undefined || containers.length === 0) return [];
  return [{ label, children: containers.map((c) => containerEntry(c, statuses?.find((s) => s.name === c.name))) }];
}

function conditionsEntry({ status }: Pod): Entry[] {
  const conditions = status?.conditions ?? [];
  if (conditions.length === 0) return [];
  const explained = conditions.some((c) => c.status !== 'True' && (c.reason ?? '') !== '');
  const rows = conditions.map((c) => [c.type, c.status, ...(explained ? [c.reason ?? '', c.message ?? ''] : [])]);
  return [{ label: 'Conditions', table: [['Type', 'Status', ...(explained ? ['Reason', 'Message'] : [])], ...rows] }];
}

function formatToleration({ key, value, operator, effect, tolerationSeconds }: Toleration): string {
  const what = value === undefined || value === '' ? (key ?? '') : `${key}=${value}`;
  const where = effect === undefined ? '' : `:${effect}`;
  const exists = operator === 'Exists' ? ' op=Exists' : '';
  return `${what}${where}${exists}${tolerationSeconds === undefined ? '' : ` for ${tolerationSeconds}s`}`;
}

function controllerEntry({ metadata }: Pod): Entry[] {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
  return owner === undefined ? [] : [field('Controlled By', `${owner.kind}/${owner.name}`)];
}

function tolerations({ spec }: Pod): Entry {
  const list = (spec.tolerations ?? []).map(formatToleration);
  return { label: 'Tolerations', value: list.length === 0 ? '<none>' : list };
}

function identity(pod: Pod): Entry[] {
  const { metadata, spec, status } = pod;
  return [
    field('Name', metadata.name),
    field('Namespace', metadata.namespace),
    ...(spec.priority === undefined ? [] : [field('Priority', spec.priority)]),
    ...(spec.priorityClassName ? [field('Priority Class Name', spec.priorityClassName)] : []),
    ...(spec.runtimeClassName ? [field('Runtime Class Name', spec.runtimeClassName)] : []),
    ...(spec.serviceAccountName === undefined ? [] : [field('Service Account', spec.serviceAccountName)]),
    field('Node', nodeOf(pod)),
    ...(status?.startTime === undefined ? [] : [field('Start Time', longTime(status.startTime))]),
    mapField('Labels', metadata.labels, '='),
    annotationsField(metadata.annotations),
  ];
}

/** A pod with its containers, why it is where it is, and its events. */
export function describePod(pod: Pod, events: readonly Event[] | undefined, now: number): string {
  const { spec, status } = pod;
  const ips = (status?.podIPs ?? []).map(({ ip }) => field('IP', ip));
  return render([
    ...identity(pod),
    ...statusEntries(pod, now),
    { label: 'IP', value: status?.podIP ?? '' },
    section('IPs', ips),
    ...controllerEntry(pod),
    ...containersEntry('Init Containers', spec.initContainers, status?.initContainerStatuses),
    ...containersEntry('Containers', spec.containers, status?.containerStatuses),
    ...containersEntry('Ephemeral Containers', spec.ephemeralContainers, status?.ephemeralContainerStatuses),
    ...conditionsEntry(pod),
    section('Volumes', (spec.volumes ?? []).map(volumeEntry)),
    field('QoS Class', status?.qosClass),
    mapField('Node-Selectors', spec.nodeSelector, '='),
    tolerations(pod),
    ...eventsEntries(events, now),
  ]);
}
