import type { ContainerStatus, Pod } from '@podling/shared/api';
import { ageOf } from '@podling/shared/human-duration';
import { podStatusText } from './pod-status-text.ts';
import { column } from './printer.ts';
import type { Printer } from './printer.ts';

function sidecarStatuses({ spec, status }: Pod): ContainerStatus[] {
  const sidecars = new Set((spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always').map(({ name }) => name));
  return (status?.initContainerStatuses ?? []).filter(({ name }) => sidecars.has(name));
}

function readyText(pod: Pod): string {
  const sidecars = (pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always').length;
  const statuses = [...(pod.status?.containerStatuses ?? []), ...sidecarStatuses(pod)];
  const ready = statuses.filter((status) => status.ready && status.state?.running).length;
  return `${ready}/${pod.spec.containers.length + sidecars}`;
}

/** Restarts, and how long ago the last one was. */
function restartsText(pod: Pod, nowMs: number): string {
  const { containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {};
  const initialising = initContainerStatuses.some(({ state }) => state?.terminated?.exitCode !== 0) && containerStatuses.every(({ state }) => !state?.running);
  const counted = initialising && initContainerStatuses.length > 0 ? initContainerStatuses : [...containerStatuses, ...sidecarStatuses(pod)];
  const restarts = counted.reduce((sum, { restartCount }) => sum + restartCount, 0);
  const ends = counted.map(({ lastState }) => lastState?.terminated?.finishedAt).filter((time) => time !== undefined).toSorted();
  const last = ends.at(-1);
  return restarts > 0 && last !== undefined ? `${restarts} (${ageOf(last, nowMs)} ago)` : String(restarts);
}

function gatesText({ spec, status }: Pod): string {
  const gates = spec.readinessGates ?? [];
  if (gates.length === 0) return '<none>';
  const met = gates.filter(({ conditionType }) => status?.conditions?.some(({ type, status: now }) => type === conditionType && now === 'True'));
  return `${met.length}/${gates.length}`;
}

export const podPrinter: Printer = {
  columns: [
    column('Name', 'Name of the pod.'),
    column('Ready', 'Containers that are ready, of all.'),
    column('Status', 'What the pod is doing.'),
    column('Restarts', 'How often its containers were restarted, and when last.'),
    column('Age', 'Time since creation.'),
    column('IP', 'Address of the pod.', { priority: 1 }),
    column('Node', 'Node the pod is bound to.', { priority: 1 }),
    column('Nominated Node', 'Node that is being cleared for the pod.', { priority: 1 }),
    column('Readiness Gates', 'Readiness gates that are met, of all.', { priority: 1 }),
  ],
  cells(object, nowMs) {
    const pod = object as Pod;
    const { metadata, spec, status } = pod;
    const ip = status?.podIPs?.[0]?.ip || status?.podIP || '<none>';
    return [
      metadata.name, readyText(pod), podStatusText(pod), restartsText(pod, nowMs), ageOf(metadata.creationTimestamp, nowMs), ip,
      spec.nodeName || '<none>', status?.nominatedNodeName || '<none>', gatesText(pod),
    ];
  },
};
