import type { Container } from '../container.ts';
import type { FieldError } from '../errors.ts';
import { equalJson } from '../json.ts';
import type { Pod, PodSpec } from '../pod.ts';
import { qosClassOf } from '../qos-class.ts';
import type { ResourceRequirements } from '../resource-requirements.ts';
import { eachOf, forbidden, invalid } from './field-errors.ts';
import { validateMetaUpdate } from './object-meta.ts';
import { podAnnotations } from './pod-annotations.ts';
import { validatePodContent } from './pod.ts';

const lists = ['initContainers', 'containers'] as const;
const ONLY_AMOUNTS = 'only cpu and memory resources are mutable';

/** For `/resize`: cpu and memory of running containers change, nothing else does. `next` has the rest of the stored pod. */
export function validatePodResize(next: Pod, previous: Pod): FieldError[] {
  if (previous.metadata.annotations?.[podAnnotations.mirror] !== undefined) return [forbidden('', 'static pods cannot be resized')];
  if (previous.spec.os?.name === 'windows') return [forbidden('', 'windows pods cannot be resized')];
  const keepsClass = qosClassOf(next.spec) === qosClassOf(previous.spec);
  const errors = [
    ...validateMetaUpdate(next.metadata, previous.metadata),
    ...validatePodContent(next),
    ...(keepsClass ? [] : [invalid('spec', next.status?.qosClass ?? '', 'Pod QOS Class may not change as a result of resizing')]),
    ...(isSupported(previous) ? [] : [forbidden('spec', 'Pod running on node without support for resize')]),
    ...validateSameContainers(next.spec, previous.spec),
  ];
  const isOtherPod = lists.some((list) => (next.spec[list]?.length ?? 0) !== (previous.spec[list]?.length ?? 0))
    || lists.some((list) => next.spec[list]?.some(({ name }, index) => name !== previous.spec[list]?.[index]?.name));
  return isOtherPod ? errors : [...errors, ...validateAmounts(next.spec, previous.spec)];
}

/** A kubelet that can resize tells what its containers have. */
function isSupported({ status }: Pod): boolean {
  const running = status?.containerStatuses?.find(({ state }) => state?.running);
  return running === undefined || running.resources !== undefined;
}

function validateSameContainers(next: PodSpec, previous: PodSpec): FieldError[] {
  return lists.toReversed().flatMap((list) => {
    const [wanted, old] = [next[list] ?? [], previous[list] ?? []];
    if (wanted.length !== old.length) return [forbidden(`spec.${list}`, `${list} may not be added or removed on resize`)];
    return eachOf(wanted, `spec.${list}`, ({ name }, path, index) =>
      name === old[index]?.name ? [] : [forbidden(`${path}.name`, `${list} may not be renamed or reordered on resize`)]);
  });
}

function validateAmounts(next: PodSpec, previous: PodSpec): FieldError[] {
  return [
    ...lists.flatMap((list) => eachOf(next[list], `spec.${list}`, (container, path, index) => validateKept(container, previous[list]?.[index], path))),
    ...eachOf(next.containers, 'spec.containers', (container, _path, index) =>
      equalJson(withoutAmounts(container), withoutAmounts(previous.containers[index])) ? [] : [forbidden('spec', ONLY_AMOUNTS)]),
    ...eachOf(next.initContainers, 'spec.initContainers', (container, path, index) => validateInit(container, previous.initContainers?.[index], path)),
  ];
}

function validateKept({ resources = {} }: Container, previous: Container | undefined, path: string): FieldError[] {
  const before = previous?.resources ?? {};
  const isGone = (what: 'requests' | 'limits') => Object.keys(before[what] ?? {}).some((name) => resources[what]?.[name] === undefined);
  return [
    ...(isGone('requests') ? [forbidden(`${path}.resources.requests`, 'resource requests cannot be removed')] : []),
    ...(isGone('limits') ? [forbidden(`${path}.resources.limits`, 'resource limits cannot be removed')] : []),
  ];
}

function validateInit(container: Container, previous: Container | undefined, path: string): FieldError[] {
  if (equalJson(withoutAmounts(container), withoutAmounts(previous))) return [];
  return [forbidden(path, 'only cpu and memory resources for init or sidecar containers are mutable')];
}

function withoutAmounts(container: Container | undefined): unknown {
  const { resources = {}, ...rest } = container ?? { name: '' };
  const others = (list: ResourceRequirements['limits'] = {}) => Object.fromEntries(Object.entries(list).filter(([name]) => name !== 'cpu' && name !== 'memory'));
  return { ...rest, limits: others(resources.limits), requests: others(resources.requests) };
}
