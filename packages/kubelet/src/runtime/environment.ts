import type { Container, EnvFromSource, EnvVar, Pod } from '@podling/shared/api';
import { namespaceOf } from '@podling/shared/api';
import type { EnvironmentSources } from './environment-sources.ts';
import { expand, ExpansionRoom } from './expansion.ts';
import { metadataField, ownValue } from './pod-field.ts';
import { resourceField, type NodeAllocatable } from './resource-field.ts';

/** What an environment may refer to beside the pod itself. */
export interface EnvironmentContext {
  podIPs: string[];
  hostIPs: string[];
  nodeAllocatable: NodeAllocatable;
}

/** The container cannot be configured; it waits with `CreateContainerConfigError` and this message. */
export class ContainerConfigError extends Error {
  override readonly name = 'ContainerConfigError';
}

/**
 * The container's environment: `envFrom` first, then `env` in order with `$(VAR)` expanded from what stands before and
 * from the services' variables, then those. Fails with `ContainerConfigError`, or `ExpansionError`.
 */
export function makeEnvironment(pod: Pod, container: Container, sources: EnvironmentSources, context: EnvironmentContext): { name: string; value: string }[] {
  const [values, room] = [new Map<string, string>(), new ExpansionRoom()];
  const set = (name: string, value: string): void => {
    room.take(value);
    values.set(name, value);
  };
  for (const source of container.envFrom ?? []) for (const [name, value] of valuesFrom(source, sources)) set(name, value);
  const lookup = (name: string): string | undefined => values.get(name) ?? sources.serviceVariables.get(name);
  for (const variable of container.env ?? []) {
    // One text alone may become too long; together they are counted as they are set.
    const value = variable.valueFrom ? resolve(pod, container, variable, sources, context) : expand(variable.value ?? '', lookup);
    if (value !== undefined) set(variable.name, value);
  }
  const links = [...sources.serviceVariables].filter(([name]) => !values.has(name));
  return [...values, ...links].map(([name, value]) => ({ name, value }));
}

/** Any key is a name, as Kubernetes has it since 1.34. */
function valuesFrom({ prefix = '', configMapRef, secretRef }: EnvFromSource, { configMaps, secrets }: EnvironmentSources): [string, string][] {
  const { name = '', optional = false } = configMapRef ?? secretRef ?? {};
  const object = configMapRef ? configMaps.get(name) : secrets.get(name);
  if (object === undefined && !optional) throw new ContainerConfigError(`${configMapRef ? 'configmap' : 'secret'} "${name}" not found`);
  const text = (value: string): string => (configMapRef ? value : decoded(value));
  return Object.entries(object?.data ?? {}).map(([key, value]) => [`${prefix}${key}`, text(value)]);
}

function resolve(pod: Pod, container: Container, { valueFrom = {} }: EnvVar, sources: EnvironmentSources, context: EnvironmentContext): string | undefined {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = valueFrom;
  if (fieldRef) return fieldValue(pod, fieldRef.fieldPath, context);
  if (resourceFieldRef) return resourceValue(pod, container, resourceFieldRef, context);
  if (configMapKeyRef) return keyValue(pod, { ...configMapKeyRef, kind: 'ConfigMap' }, sources);
  if (secretKeyRef) return keyValue(pod, { ...secretKeyRef, kind: 'Secret' }, sources);
  throw new ContainerConfigError(`env source "${Object.keys(valueFrom)[0] ?? 'none'}" is not supported yet`);
}

interface KeyReference {
  kind: 'ConfigMap' | 'Secret';
  name?: string;
  key: string;
  optional?: boolean;
}

/** undefined: it is optional and not there. */
function keyValue(pod: Pod, { kind, name = '', key, optional = false }: KeyReference, { configMaps, secrets }: EnvironmentSources): string | undefined {
  const object = kind === 'Secret' ? secrets.get(name) : configMaps.get(name);
  const value = ownValue(object?.data, key);
  if (value !== undefined) return kind === 'Secret' ? decoded(value) : value;
  if (optional) return undefined;
  if (object === undefined) throw new ContainerConfigError(`${kind.toLowerCase()} "${name}" not found`);
  throw new ContainerConfigError(`couldn't find key ${key} in ${kind} ${namespaceOf(pod)}/${name}`);
}

function fieldValue(pod: Pod, path: string, { podIPs, hostIPs }: EnvironmentContext): string {
  const fields: Record<string, string> = {
    'spec.nodeName': pod.spec.nodeName ?? '',
    'spec.serviceAccountName': pod.spec.serviceAccountName ?? '',
    'status.podIP': podIPs[0] ?? '',
    'status.podIPs': podIPs.join(','),
    'status.hostIP': hostIPs[0] ?? '',
    'status.hostIPs': hostIPs.join(','),
  };
  const value = ownValue(fields, path) ?? metadataField(pod, path);
  if (value === undefined) throw new ContainerConfigError(`unsupported fieldPath: ${path}`);
  return value;
}

function resourceValue(pod: Pod, container: Container, reference: Parameters<typeof resourceField>[2], { nodeAllocatable }: EnvironmentContext): string {
  const value = resourceField(pod, container, reference, nodeAllocatable);
  if (value === undefined) throw new ContainerConfigError(`unsupported container resource : ${reference.resource}`);
  return value;
}

function decoded(base64: string): string {
  return Buffer.from(base64, 'base64').toString();
}
