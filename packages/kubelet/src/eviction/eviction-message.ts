import { canonicalQuantity, formatBytes, formatQuantity, quantityToBytes, type Container, type Pod } from '@podling/shared/api';
import type { ContainerStats, PodStats } from '../stats/summary.ts';
import { signalTraits, type Observations, type Signal, type StarvedResource } from './signals.ts';
import { amountOf, type Threshold } from './thresholds.ts';

/** What the pod's user gets to know: in the status, in the Event, and as the Event's annotations. */
export interface EvictionNotice {
  message: string;
  annotations: Record<string, string>;
}

interface Offender {
  name: string;
  usage: string;
  request: string;
}

/** Why a pod goes for the node's sake, in the words of Kubernetes 1.36. Upstream twin: `evictionMessage`. */
export function evictionNotice(pod: Pod, stats: PodStats | undefined, resource: StarvedResource, starved: readonly Threshold[], observations: Observations): EvictionNotice {
  const message = `The node was low on resource: ${resource}. ${thresholdText(resource, starved, observations)}`;
  if (stats === undefined) return { message, annotations: {} };
  const whole = podOffence(pod, stats, resource);
  const offenders = stats.containers.flatMap((container) => offenceOf(pod, container, resource));
  const texts = [
    ...(whole === undefined ? [] : [offenceText('Pod', whole, resource)]),
    ...offenders.map((offender) => offenceText('Container', offender, resource)),
  ];
  return {
    message: message + texts.join(''),
    annotations: {
      ...(whole === undefined ? {} : { offending_pod: whole.name, offending_pod_usage: whole.usage }),
      offending_containers: offenders.map(({ name }) => name).join(','),
      offending_containers_usage: offenders.map(({ usage }) => usage).join(','),
      starved_resource: resource,
    },
  };
}

const offenceText = (kind: 'Pod' | 'Container', { name, usage, request }: Offender, resource: StarvedResource): string =>
  `${kind} ${name} was using ${usage}, request is ${request}, has larger consumption of ${resource}. `;

function thresholdText(resource: StarvedResource, starved: readonly Threshold[], observations: Observations): string {
  const threshold = starved.find(({ signal }) => signalTraits[signal].resource === resource && observations.has(signal));
  const observed = threshold && observations.get(threshold.signal);
  if (threshold === undefined || observed === undefined) return '';
  const { value, signal } = threshold;
  const quantity = 'quantity' in value ? value.quantity : formatBytes(amountOf(value, observed.capacity));
  return `Threshold quantity: ${quantity}, available: ${amountText(signal, observed.available)}. `;
}

function amountText(signal: Signal, amount: number): string {
  const { resource } = signalTraits[signal];
  if (resource === 'memory' || resource === 'ephemeral-storage') return formatBytes(amount);
  return formatQuantity(BigInt(amount) * 1_000_000_000n, 'DecimalSI');
}

/** Of a pod with resources of its own. */
function podOffence({ metadata, spec }: Pod, { memory }: PodStats, resource: StarvedResource): Offender | undefined {
  const request = spec.resources?.requests?.['memory'];
  if (resource !== 'memory' || request === undefined || memory === undefined) return undefined;
  return { name: metadata.name, usage: formatBytes(memory.workingSetBytes ?? 0), request: canonicalQuantity(request) };
}

function offenceOf({ spec }: Pod, stats: ContainerStats, resource: StarvedResource): Offender[] {
  const container = [...spec.containers, ...(spec.initContainers ?? [])].find(({ name }) => name === stats.name);
  const usage = container && usageOf(stats, resource);
  if (usage === undefined) return [];
  const request = requestOf(container, resource);
  return usage > Number(quantityToBytes(request)) ? [{ name: stats.name, usage: formatBytes(usage), request: canonicalQuantity(request) }] : [];
}

function usageOf({ rootfs, logs, memory }: ContainerStats, resource: StarvedResource): number | undefined {
  if (resource === 'memory') return memory?.workingSetBytes;
  if (resource !== 'ephemeral-storage' || rootfs?.usedBytes === undefined || logs?.usedBytes === undefined) return undefined;
  return rootfs.usedBytes + logs.usedBytes;
}

const requestOf = (container: Container | undefined, resource: StarvedResource): string => container?.resources?.requests?.[resource] ?? '0';
