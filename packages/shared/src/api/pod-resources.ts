import type { Container } from './container.ts';
import type { PodSpec } from './pod.ts';
import { compareQuantities, formatQuantity, parseQuantity, quantityFormat, type Quantity } from './quantity.ts';

type ResourceList = Record<string, Quantity>;

function add(total: ResourceList, more: ResourceList): ResourceList {
  const sums = Object.entries(more).map(([name, amount]) => {
    const before = total[name];
    return [name, before === undefined ? amount : formatQuantity(parseQuantity(before) + parseQuantity(amount), quantityFormat(before))];
  });
  return { ...total, ...(Object.fromEntries(sums) as ResourceList) };
}

function larger(one: ResourceList, other: ResourceList): ResourceList {
  const wins = Object.entries(other).filter(([name, amount]) => one[name] === undefined || compareQuantities(amount, one[name]) > 0);
  return { ...one, ...Object.fromEntries(wins) };
}

/**
 * Containers run together and so do sidecars, from their start on; other init containers run one at a time beside the
 * sidecars before them. Upstream twin: component-helpers' `AggregateContainerRequests`.
 */
function aggregate({ containers, initContainers = [] }: PodSpec, amountsOf: (container: Container) => ResourceList): ResourceList {
  const running = containers.reduce((total: ResourceList, container) => add(total, amountsOf(container)), {});
  let sidecars: ResourceList = {};
  let largestStep: ResourceList = {};
  for (const container of initContainers) {
    const isSidecar = container.restartPolicy === 'Always';
    const step = add(amountsOf(container), sidecars);
    if (isSidecar) sidecars = step;
    largestStep = larger(largestStep, step);
  }
  return larger(add(running, sidecars), largestStep);
}

export const aggregateRequests = (spec: PodSpec): ResourceList => aggregate(spec, ({ resources }) => resources?.requests ?? {});
export const aggregateLimits = (spec: PodSpec): ResourceList => aggregate(spec, ({ resources }) => resources?.limits ?? {});

const isOfPod = (name: string): boolean => name === 'cpu' || name === 'memory' || name.startsWith('hugepages-');

/** What the pod says of all its containers together counts before their sum. */
function withPodLevel(sum: ResourceList, ofPod: ResourceList | undefined): ResourceList {
  return { ...sum, ...Object.fromEntries(Object.entries(ofPod ?? {}).filter(([name]) => isOfPod(name))) };
}

/** What the pod takes of a node, its overhead with it. Upstream twin: component-helpers' `PodRequests`. */
export function podRequests(spec: PodSpec): ResourceList {
  return add(withPodLevel(aggregateRequests(spec), spec.resources?.requests), spec.overhead ?? {});
}

/** What the pod may use at most, as far as somebody says so. Upstream twin: component-helpers' `PodLimits`. */
export function podLimits(spec: PodSpec): ResourceList {
  const limits = withPodLevel(aggregateLimits(spec), spec.resources?.limits);
  const overhead = Object.entries(spec.overhead ?? {}).filter(([name]) => limits[name] !== undefined);
  return add(limits, Object.fromEntries(overhead));
}
