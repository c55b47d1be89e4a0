import type { FieldError } from '../errors.ts';
import type { PodSpec } from '../pod.ts';
import { aggregateLimits, aggregateRequests } from '../pod-resources.ts';
import { compareQuantities } from '../quantity.ts';
import { forbidden, invalid } from './field-errors.ts';
import { checkPodResource, isHugePages } from './resource-name.ts';
import { validateResources } from './resources.ts';

/** What a pod sets for all its containers together must leave room for each and for their sum. */
export function validatePodResources(spec: PodSpec, claims: ReadonlySet<string>, path: string): FieldError[] {
  const { resources } = spec;
  if (!resources) return [];
  if (spec.os?.name === 'windows') return [forbidden(path, 'may not be set for a windows pod')];
  return [
    ...(resources.claims ? [forbidden(`${path}.claims`, 'claims may not be set for Resources at pod-level')] : []),
    ...validateResources(resources, claims, path, checkPodResource),
    ...validateSum(spec, path),
    ...validateSingle(spec, path),
  ];
}

function validateSum(spec: PodSpec, path: string): FieldError[] {
  const { requests = {}, limits = {} } = spec.resources ?? {};
  const tooSmall = (wanted: Record<string, string>, given: Record<string, string>, what: 'requests' | 'limits') =>
    Object.entries(wanted).flatMap(([name, sum]) => {
      const amount = given[name];
      if (amount === undefined || compareQuantities(sum, amount) <= 0) return [];
      return [invalid(`${path}.${what}[${name}]`, amount, `must be greater than or equal to aggregate container ${what} of ${sum}`)];
    });
  const hugePages = Object.fromEntries(Object.entries(aggregateLimits(spec)).filter(([name]) => isHugePages(name)));
  return [...tooSmall(aggregateRequests(spec), requests, 'requests'), ...tooSmall(hugePages, limits, 'limits')];
}

function validateSingle(spec: PodSpec, path: string): FieldError[] {
  const podLimits = spec.resources?.limits ?? {};
  return spec.containers.flatMap(({ resources }, index) => Object.entries(resources?.limits ?? {}).flatMap(([name, limit]) => {
    const podLimit = podLimits[name];
    if (podLimit === undefined || compareQuantities(limit, podLimit) <= 0) return [];
    return [invalid(`${path}.containers[${index}][${name}].limits`, limit, `must be less than or equal to pod limits of ${podLimit}`)];
  }));
}
