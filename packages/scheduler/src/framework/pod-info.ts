import { quantityToBytes, quantityToMilli } from '@podling/shared/api';
import type { Container, ContainerStatus, Pod } from '@podling/shared/api';
import type { PodInfo, Resources } from './framework.ts';

type ResourceList = Readonly<Record<string, string>>;

/** What a container without a request counts for when nodes are compared. */
const scoringDefaults = { milliCpu: 100, memoryBytes: 200 * 1024 * 1024 };

export const noResources: Resources = { milliCpu: 0, memoryBytes: 0, ephemeralStorageBytes: 0, scalars: {} };

export function buildPodInfo(pod: Pod): PodInfo {
  const scoring = podRequests(pod, withScoringDefaults);
  return { pod, requests: podRequests(pod, (requests) => requests), scoringRequests: scoring };
}

export function parseResources(list: ResourceList | undefined): Resources {
  if (list === undefined) return noResources;
  const { cpu = '0', memory = '0', 'ephemeral-storage': storage = '0', pods: _pods, ...rest } = list;
  return {
    milliCpu: Number(quantityToMilli(cpu)),
    memoryBytes: Number(quantityToBytes(memory)),
    ephemeralStorageBytes: Number(quantityToBytes(storage)),
    scalars: Object.fromEntries(Object.entries(rest).map(([name, amount]) => [name, Number(quantityToBytes(amount))])),
  };
}

export function addResources(a: Resources, b: Resources, sign: 1 | -1 = 1): Resources {
  return combine(a, b, (left, right) => left + sign * right);
}

function combine(a: Resources, b: Resources, join: (left: number, right: number) => number): Resources {
  return {
    milliCpu: join(a.milliCpu, b.milliCpu),
    memoryBytes: join(a.memoryBytes, b.memoryBytes),
    ephemeralStorageBytes: join(a.ephemeralStorageBytes, b.ephemeralStorageBytes),
    scalars: combineScalars(a.scalars, b.scalars, join),
  };
}

function combineScalars(a: Resources['scalars'], b: Resources['scalars'], join: (left: number, right: number) => number): Resources['scalars'] {
  const names = Object.keys(b);
  if (names.length === 0) return a;
  return { ...a, ...Object.fromEntries(names.map((name) => [name, join(a[name] ?? 0, b[name] ?? 0)])) };
}

/**
 * The larger of what runs together in the end (containers and sidecars) and what any init container needs beside the
 * sidecars started before it, or what the pod asks for as a whole, plus overhead. Kubernetes concept: "Sidecar containers, resource sharing" (KEP-753).
 */
function podRequests(pod: Pod, adjust: (requests: Resources) => Resources): Resources {
  const { spec } = pod;
  const held = heldByContainers(pod);
  const requestsOf = (container: Container): Resources => adjust(held(container));
  let running = spec.containers.map(requestsOf).reduce((sum, requests) => addResources(sum, requests), noResources);
  let sidecars = noResources;
  let peak = noResources;
  for (const container of spec.initContainers ?? []) {
    const requests = requestsOf(container);
    if (container.restartPolicy === 'Always') {
      running = addResources(running, requests);
      sidecars = addResources(sidecars, requests);
      peak = combine(peak, sidecars, Math.max);
    } else {
      peak = combine(peak, addResources(sidecars, requests), Math.max);
    }
  }
  return addResources(withPodLevel(combine(running, peak, Math.max), spec.resources?.requests), parseResources(spec.overhead));
}

/**
 * What a container asks for, and while it is resized what it has been given and what it has, whichever is most. What no
 * node can give (PodResizePending, Infeasible) does not count. Kubernetes concept: KEP-1287, scheduler and API server.
 */
function heldByContainers({ spec, status = {} }: Pod): (container: Container) => Resources {
  const statuses = new Map([...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? [])].map((one) => [one.name, one]));
  const isInfeasible = status.conditions?.some(({ type, reason }) => type === 'PodResizePending' && reason === 'Infeasible') ?? false;
  const runs = (container: Container): boolean => container.restartPolicy === 'Always' || spec.containers.includes(container);
  return (container) => {
    const asked = container.resources?.requests;
    const seen = runs(container) ? statuses.get(container.name) : undefined;
    if (seen?.resources === undefined || isSettled(asked, seen)) return parseResources(asked);
    const held = combine(parseResources(seen.allocatedResources), parseResources(seen.resources.requests), Math.max);
    return isInfeasible ? held : combine(parseResources(asked), held, Math.max);
  };
}

/** Nearly always: then nothing needs to be compared. */
function isSettled(asked: ResourceList = {}, { allocatedResources = {}, resources }: ContainerStatus): boolean {
  const actual = resources?.requests ?? {};
  const names = new Set([...Object.keys(asked), ...Object.keys(allocatedResources), ...Object.keys(actual)]);
  return [...names].every((name) => asked[name] === allocatedResources[name] && asked[name] === actual[name]);
}

/** What the pod asks for as a whole counts in place of the sum of its containers. */
function withPodLevel(sum: Resources, ofPod: ResourceList | undefined): Resources {
  if (ofPod === undefined) return sum;
  const { milliCpu, memoryBytes, scalars } = parseResources(ofPod);
  return {
    ...sum,
    ...(ofPod['cpu'] === undefined ? {} : { milliCpu }),
    ...(ofPod['memory'] === undefined ? {} : { memoryBytes }),
    scalars: { ...sum.scalars, ...scalars },
  };
}

function withScoringDefaults(requests: Resources): Resources {
  return {
    ...requests,
    milliCpu: requests.milliCpu || scoringDefaults.milliCpu,
    memoryBytes: requests.memoryBytes || scoringDefaults.memoryBytes,
  };
}
