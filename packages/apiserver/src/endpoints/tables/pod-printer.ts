import type { Pod } from '@podling/shared/api';
import { ageOf } from '@podling/shared/human-duration';
import { summarizePod } from './pod-summary.ts';
import type { PodSummary } from './pod-summary.ts';
import { column } from './printer.ts';
import type { Printer, RowCondition } from './printer.ts';

function restartsText({ restarts, lastRestart }: PodSummary, nowMs: number): string {
  return restarts > 0 && lastRestart !== undefined ? `${restarts} (${ageOf(lastRestart, nowMs)} ago)` : String(restarts);
}

function gatesText({ spec, status }: Pod): string {
  const gates = spec.readinessGates ?? [];
  if (gates.length === 0) return '<none>';
  const met = gates.filter(({ conditionType }) => status?.conditions?.some(({ type, status: now }) => type === conditionType && now === 'True'));
  return `${met.length}/${gates.length}`;
}

const completed: Record<string, RowCondition> = {
  Succeeded: { type: 'Completed', status: 'True', reason: 'Succeeded', message: 'The pod has completed successfully.' },
  Failed: { type: 'Completed', status: 'True', reason: 'Failed', message: 'The pod failed.' },
};

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
    const sidecars = new Set((spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always').map(({ name }) => name));
    const summary = summarizePod(pod, sidecars);
    return [
      metadata.name, `${summary.readyContainers}/${spec.containers.length + sidecars.size}`, summary.status, restartsText(summary, nowMs),
      ageOf(metadata.creationTimestamp, nowMs), status?.podIPs?.[0]?.ip || status?.podIP || '<none>', spec.nodeName || '<none>',
      status?.nominatedNodeName || '<none>', gatesText(pod),
    ];
  },
  conditions(object) {
    const condition = completed[(object as Pod).status?.phase ?? ''];
    return condition ? [condition] : [];
  },
};
