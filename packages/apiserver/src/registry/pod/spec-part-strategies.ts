import type { Container, Pod } from '@podling/shared/api';
import { validateEphemeralContainersUpdate, validatePodResize } from '@podling/shared/scheme';
import { fieldSetOf } from '@podling/shared/field-set';
import { sameSpec } from '../generic/same-object.ts';
import type { Strategy } from '../rest/strategy.ts';
import { podStrategy } from './strategy.ts';

/** The stored pod with one part of its spec from the writer. */
function replaceSpec(pod: Pod, old: Pod, spec: Pod['spec']): void {
  const { managedFields, resourceVersion } = pod.metadata;
  pod.metadata = { ...old.metadata, ...(managedFields ? { managedFields } : {}), ...(resourceVersion ? { resourceVersion } : {}) };
  if (old.status === undefined) delete pod.status;
  else pod.status = old.status;
  pod.spec = spec;
  if (!sameSpec(spec, old.spec)) pod.metadata.generation = (old.metadata.generation ?? 0) + 1;
}

const common = { ...podStrategy, resetFields: fieldSetOf([['status'], ['metadata']]) };

/** Debugging a running pod: containers are added, and nothing else is written. */
export const podEphemeralContainersStrategy: Strategy<Pod> = {
  ...common,
  prepareForUpdate(pod, old) {
    const { ephemeralContainers } = pod.spec;
    const { ephemeralContainers: _before, ...spec } = old.spec;
    replaceSpec(pod, old, { ...spec, ...(ephemeralContainers ? { ephemeralContainers } : {}) });
  },
  validateUpdate: validateEphemeralContainersUpdate,
};

/** The old containers with the new amounts; other containers than before are left for validation to refuse. */
function resized(next: Container[] = [], old: Container[] = []): Container[] {
  if (next.length !== old.length || next.some(({ name }, index) => name !== old[index]?.name)) return next;
  return next.map(({ name, resources, resizePolicy }, index) => ({
    ...old[index], name, ...(resources ? { resources } : {}), ...(resizePolicy ? { resizePolicy } : {}),
  }));
}

/** A running pod gets more or less: only the resources of its containers are written. */
export const podResizeStrategy: Strategy<Pod> = {
  ...common,
  prepareForUpdate(pod, old) {
    const initContainers = resized(pod.spec.initContainers, old.spec.initContainers);
    const containers = resized(pod.spec.containers, old.spec.containers);
    replaceSpec(pod, old, { ...old.spec, containers, ...(initContainers.length > 0 ? { initContainers } : {}) });
  },
  validateUpdate: validatePodResize,
};
