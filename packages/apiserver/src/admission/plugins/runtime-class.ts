import { isDeepStrictEqual } from 'node:util';
import { isNotFound, newForbidden } from '@podling/shared/api';
import type { Pod, RuntimeClass, Toleration } from '@podling/shared/api';
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts';

export interface RuntimeClassLookup {
  /** Rejects with 404. */
  get(name: string): Promise<RuntimeClass>;
}

function refuse({ resource, name }: AdmissionRequest, why: string): never {
  throw newForbidden(resource, name, why);
}

async function classOf(classes: RuntimeClassLookup, request: AdmissionRequest): Promise<RuntimeClass | undefined> {
  const { runtimeClassName } = (request.object as Pod).spec;
  if (runtimeClassName === undefined) return undefined;
  return classes.get(runtimeClassName).catch((error: unknown) => {
    if (isNotFound(error)) refuse(request, `pod rejected: RuntimeClass "${runtimeClassName}" not found`);
    throw error;
  });
}

const mismatch = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";

function setOverhead(request: AdmissionRequest, { overhead }: RuntimeClass): void {
  if (!overhead) return;
  const { spec } = request.object as Pod;
  const given = spec.overhead ?? {};
  if (Object.keys(given).length > 0 && !isDeepStrictEqual(given, overhead.podFixed ?? {})) refuse(request, mismatch);
  if (overhead.podFixed) spec.overhead = { ...overhead.podFixed };
}

function mergedTolerations(own: readonly Toleration[], added: readonly Toleration[]): Toleration[] {
  return [...own, ...added.filter((toleration) => !own.some((present) => isDeepStrictEqual(present, toleration)))];
}

function setScheduling(request: AdmissionRequest, { scheduling }: RuntimeClass): void {
  const { spec } = request.object as Pod;
  const { nodeSelector = {}, tolerations = [] } = scheduling ?? {};
  const own = spec.nodeSelector ?? {};
  const clash = Object.keys(nodeSelector).find((key) => Object.hasOwn(own, key) && own[key] !== nodeSelector[key]);
  if (clash !== undefined) {
    refuse(request, `conflict: runtimeClass.scheduling.nodeSelector[${clash}] = ${nodeSelector[clash]}; pod.spec.nodeSelector[${clash}] = ${own[clash]}`);
  }
  if (Object.keys(nodeSelector).length > 0) spec.nodeSelector = { ...own, ...nodeSelector };
  if (tolerations.length > 0) spec.tolerations = mergedTolerations(spec.tolerations ?? [], tolerations);
}

/** A pod of a runtime class pays the overhead of the class and goes to nodes that have it; overhead comes from nowhere else. */
export function createRuntimeClass(classes: RuntimeClassLookup): AdmissionPlugin {
  return {
    name: 'RuntimeClass',
    async admit(request) {
      const { operation, resource, subresource } = request;
      if (operation !== 'CREATE' || resource.kind !== 'Pod' || subresource !== '') return;
      const found = await classOf(classes, request);
      if (found) {
        setOverhead(request, found);
        setScheduling(request, found);
      } else if ((request.object as Pod).spec.overhead) {
        refuse(request, 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead');
      }
    },
  };
}
