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
