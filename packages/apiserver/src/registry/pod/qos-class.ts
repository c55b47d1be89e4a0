import { quantityToMilli } from '@podling/shared/api';
import type { Container, PodSpec, PodStatus } from '@podling/shared/api';

type QosClass = NonNullable<PodStatus['qosClass']>;

const computeResources = ['cpu', 'memory'] as const;

const isSet = (quantity: string | undefined): quantity is string => quantity !== undefined && quantityToMilli(quantity) > 0n;

function isGuaranteed({ resources }: Container): boolean {
  return computeResources.every((name) => {
    const limit = resources?.limits?.[name];
    const request = resources?.requests?.[name];
    return isSet(limit) && (request === undefined || quantityToMilli(request) === quantityToMilli(limit));
  });
}

function asksForAnything({ resources }: Container): boolean {
  return computeResources.some((name) => isSet(resources?.requests?.[name]) || isSet(resources?.limits?.[name]));
}

/** Guaranteed: every container limits cpu and memory and requests just that. BestEffort: none asks for either. */
export function qosClassOf({ containers, initContainers }: PodSpec): QosClass {
  const all = [...containers, ...(initContainers ?? [])];
  if (all.every(isGuaranteed)) return 'Guaranteed';
  return all.some(asksForAnything) ? 'Burstable' : 'BestEffort';
}
