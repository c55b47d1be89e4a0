import type { Container } from './container.ts';
import type { PodStatus } from './pod-status.ts';
import type { PodSpec } from './pod.ts';
import { isQuantity, quantityToMilli } from './quantity.ts';

type QosClass = NonNullable<PodStatus['qosClass']>;

const computeResources = ['cpu', 'memory'] as const;

/** The class is worked out before validation: a quantity that cannot be parsed counts as none, and is refused later. */
function amountOf(quantity: string | undefined): bigint {
  return quantity !== undefined && isQuantity(quantity) ? quantityToMilli(quantity) : 0n;
}

function isGuaranteed({ resources }: Pick<Container, 'resources'>): boolean {
  return computeResources.every((name) => {
    const limit = amountOf(resources?.limits?.[name]);
    const request = resources?.requests?.[name];
    return limit > 0n && (request === undefined || amountOf(request) === limit);
  });
}

function asksForAnything({ resources }: Pick<Container, 'resources'>): boolean {
  return computeResources.some((name) => amountOf(resources?.requests?.[name]) > 0n || amountOf(resources?.limits?.[name]) > 0n);
}

/**
 * Guaranteed: every container limits cpu and memory and requests just that. BestEffort: none asks for either. What the pod says
 * of them together counts alone.
 */
export function qosClassOf({ resources, containers, initContainers }: PodSpec): QosClass {
  const all: Pick<Container, 'resources'>[] = resources?.requests || resources?.limits ? [{ resources }] : [...containers, ...(initContainers ?? [])];
  if (all.length > 0 && all.every(isGuaranteed)) return 'Guaranteed';
  return all.some(asksForAnything) ? 'Burstable' : 'BestEffort';
}
