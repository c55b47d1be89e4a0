import { aggregateLimits, aggregateRequests } from '../pod-resources.ts';
import type { PodSpec } from '../pod.ts';

type Amounts = Record<string, string>;

const isHugePages = (name: string): boolean => name.startsWith('hugepages-');
const isOvercommitted = (name: string): boolean => name === 'cpu' || name === 'memory';
const isOfPod = (name: string): boolean => isOvercommitted(name) || isHugePages(name);

function fillAmounts(given: Amounts | undefined, more: Amounts, isWanted: (name: string) => boolean): Amounts | undefined {
  const wanted = Object.entries(more).filter(([name]) => isWanted(name) && given?.[name] === undefined);
  return wanted.length === 0 ? given : { ...given, ...Object.fromEntries(wanted) };
}

/**
 * What a pod that says something about all its containers together leaves open: huge pages are limited to what the containers
 * are, requests are their sum, else the limit. For pods whose containers have their defaults.
 */
export function defaultPodResources(spec: PodSpec): PodSpec {
  const { resources } = spec;
  if (!resources?.limits && !resources?.requests) return spec;
  const isOpen = (name: string): boolean => isHugePages(name) && resources.requests?.[name] === undefined;
  const limits = fillAmounts(resources.limits, aggregateLimits(spec), isOpen);
  if (!limits) return spec;
  const requests = fillAmounts(fillAmounts(resources.requests, aggregateRequests(spec), isOvercommitted), limits, isOfPod);
  return { ...spec, resources: { ...resources, limits, ...(requests ? { requests } : {}) } };
}
