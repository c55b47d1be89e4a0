import type { ConfigMap, Container, Pod, Secret } from '@podling/shared/api';
import { MissingObjectError, type PodObjects } from '../objects/pod-objects.ts';

/** The objects that a container's environment refers to, by name; one that is not there is missing here too. */
export interface ReferredObjects {
  configMaps: ReadonlyMap<string, ConfigMap>;
  secrets: ReadonlyMap<string, Secret>;
}

/** What of an environment does not stand in the pod. */
export interface EnvironmentSources extends ReferredObjects {
  /** Where services are; a variable of the container's own wins. */
  serviceVariables: ReadonlyMap<string, string>;
}

/** Reads all of them at once; fails when one cannot be read for any other reason than that it is not there. */
export async function readReferredObjects(pod: Pod, { env = [], envFrom = [] }: Container, objects: Pick<PodObjects, 'configMap' | 'secret'>): Promise<ReferredObjects> {
  const configMapNames = [...envFrom.map(({ configMapRef }) => configMapRef), ...env.map(({ valueFrom }) => valueFrom?.configMapKeyRef)];
  const secretNames = [...envFrom.map(({ secretRef }) => secretRef), ...env.map(({ valueFrom }) => valueFrom?.secretKeyRef)];
  const [configMaps, secrets] = await Promise.all([
    readAll(configMapNames, (name) => objects.configMap(pod, name)),
    readAll(secretNames, (name) => objects.secret(pod, name)),
  ]);
  return { configMaps, secrets };
}

async function readAll<T>(references: ({ name?: string } | undefined)[], read: (name: string) => Promise<T>): Promise<Map<string, T>> {
  const names = new Set(references.filter((reference) => reference !== undefined).map(({ name = '' }) => name));
  const found = await Promise.all([...names].map(async (name) => [name, await read(name).catch(unlessMissing)] as const));
  return new Map(found.flatMap(([name, object]) => (object === undefined ? [] : [[name, object] as const])));
}

function unlessMissing(error: unknown): undefined {
  if (error instanceof MissingObjectError) return undefined;
  throw error;
}
