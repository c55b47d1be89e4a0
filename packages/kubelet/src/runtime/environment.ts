import type { Container, EnvVar, Pod } from '@podling/shared/api';
import { namespaceOf, quantityToBytes, quantityToMilli, uidOf } from '@podling/shared/api';
import { expand } from './expansion.ts';

/** What an environment may refer to beside the pod itself. */
export interface EnvironmentContext {
  podIPs: string[];
  hostIPs: string[];
  /** Stands in for a limit that is not set. */
  nodeAllocatable: { cpuMilli: bigint; memoryBytes: bigint };
}

/** The container cannot be configured; it waits with `CreateContainerConfigError` and this message. */
export class ContainerConfigError extends Error {
  override readonly name = 'ContainerConfigError';
}

/** The container's environment in order, `$(VAR)` expanded from what stands before. */
export function makeEnvironment(pod: Pod, container: Container, context: EnvironmentContext): { name: string; value: string }[] {
  refuseEnvFrom(container);
  const values = new Map<string, string>();
  for (const variable of container.env ?? []) {
    const value = variable.valueFrom ? resolve(pod, container, variable, context) : expand(variable.value ?? '', (name) => values.get(name));
    if (value !== undefined) values.set(variable.name, value);
  }
  return [...values].map(([name, value]) => ({ name, value }));
}

function refuseEnvFrom(container: Container): void {
  for (const source of container.envFrom ?? []) {
    const optional = source.configMapRef?.optional ?? source.secretRef?.optional ?? false;
    if (optional) continue;
    const kind = source.secretRef ? 'secret' : 'configmap';
    throw new ContainerConfigError(`${kind} "${source.secretRef?.name ?? source.configMapRef?.name ?? ''}" not found`);
  }
}

function resolve(pod: Pod, container: Container, variable: EnvVar, context: EnvironmentContext): string | undefined {
  const source = variable.valueFrom;
  if (source?.fieldRef) return fieldValue(pod, source.fieldRef.fieldPath, context);
  if (source?.resourceFieldRef) return resourceValue(pod, container, source.resourceFieldRef, context);
  const reference = source?.secretKeyRef ?? source?.configMapKeyRef;
  if (reference?.optional === true) return undefined;
  throw new ContainerConfigError(`${source?.secretKeyRef ? 'secret' : 'configmap'} "${reference?.name ?? ''}" not found`);
}

function fieldValue(pod: Pod, path: string, context: EnvironmentContext): string {
  const subscript = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path);
  if (subscript) return pod.metadata[subscript[1] as 'labels' | 'annotations']?.[subscript[2] ?? ''] ?? '';
  const fields: Record<string, string> = {
    'metadata.name': pod.metadata.name,
    'metadata.namespace': namespaceOf(pod),
    'metadata.uid': uidOf(pod),
    'spec.nodeName': pod.spec.nodeName ?? '',
    'spec.serviceAccountName': pod.spec.serviceAccountName ?? '',
    'status.podIP': context.podIPs[0] ?? '',
    'status.podIPs': context.podIPs.join(','),
    'status.hostIP': context.hostIPs[0] ?? '',
    'status.hostIPs': context.hostIPs.join(','),
  };
  const value = fields[path];
  if (value === undefined) throw new ContainerConfigError(`unsupported fieldPath: ${path}`);
  return value;
}

type ResourceFieldRef = NonNullable<NonNullable<EnvVar['valueFrom']>['resourceFieldRef']>;

function resourceValue(pod: Pod, own: Container, reference: ResourceFieldRef, context: EnvironmentContext): string {
  const name = reference.containerName;
  const container = name === undefined || name === '' ? own : pod.spec.containers.find((other) => other.name === name);
  const match = /^(limits|requests)\.(cpu|memory)$/.exec(reference.resource);
  if (container === undefined || match === null) throw new ContainerConfigError(`unsupported container resource : ${reference.resource}`);
  const [, kind, resource] = match as unknown as [string, 'limits' | 'requests', 'cpu' | 'memory'];
  const quantity = container.resources?.[kind]?.[resource];
  const value = quantityValue(resource, quantity, kind, context);
  return ceilDivide(value, divisorOf(resource, reference.divisor)).toString();
}

function quantityValue(resource: 'cpu' | 'memory', quantity: string | undefined, kind: string, context: EnvironmentContext): bigint {
  const { cpuMilli, memoryBytes } = context.nodeAllocatable;
  if (quantity === undefined) return kind === 'requests' ? 0n : resource === 'cpu' ? cpuMilli : memoryBytes;
  return resource === 'cpu' ? quantityToMilli(quantity) : quantityToBytes(quantity);
}

/** In milli-CPU for cpu, in bytes for memory; `0` and nothing mean one. */
function divisorOf(resource: 'cpu' | 'memory', divisor: string | undefined): bigint {
  const text = divisor === undefined || divisor === '' || divisor === '0' ? '1' : divisor;
  return resource === 'cpu' ? quantityToMilli(text) : quantityToBytes(text);
}

function ceilDivide(value: bigint, divisor: bigint): bigint {
  return (value + divisor - 1n) / divisor;
}
