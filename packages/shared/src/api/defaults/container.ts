import type { Container, ContainerPort, EphemeralContainer } from '../container.ts';
import type { EnvVar } from '../env.ts';
import type { HTTPGetAction, Lifecycle, LifecycleHandler, Probe } from '../probe.ts';
import { isQuantity, roundToMilli } from '../quantity.ts';
import type { ResourceRequirements } from '../resource-requirements.ts';
import { change, fill, fillZero } from './fill.ts';
import { defaultPullPolicy } from './image.ts';

type AnyContainer = Container | EphemeralContainer;

/** Defaults of every container, ephemeral ones too. */
export function defaultContainer<T extends AnyContainer>(container: T): T {
  const filled = fill<AnyContainer>(container, {
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: defaultPullPolicy(container.image ?? ''),
  });
  return defaultNested(filled) as T;
}

function defaultNested(container: AnyContainer): AnyContainer {
  let result = change(container, 'ports', (ports) => ports.map((port) => fill<ContainerPort>(port, { protocol: 'TCP' })));
  result = change(result, 'env', (env) => env.map(defaultEnvVar));
  result = change(result, 'livenessProbe', defaultProbe);
  result = change(result, 'readinessProbe', defaultProbe);
  result = change(result, 'startupProbe', defaultProbe);
  result = change(result, 'lifecycle', defaultLifecycle);
  return change(result, 'resources', roundResources);
}

function defaultEnvVar(variable: EnvVar): EnvVar {
  const { value, ...plain } = variable;
  return change(value === '' ? plain : variable, 'valueFrom', (source) => {
    let result = change(source, 'fieldRef', (ref) => fill(ref, { apiVersion: 'v1' }));
    result = change(result, 'resourceFieldRef', (ref) => fill(ref, { divisor: '0' }));
    return change(result, 'fileKeyRef', (ref) => fill(ref, { optional: false }));
  });
}

function defaultHttpGet(action: HTTPGetAction): HTTPGetAction {
  return fill(action, { path: '/', scheme: 'HTTP' });
}

function defaultProbe(probe: Probe): Probe {
  const timed = fillZero(probe, { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 });
  const withGrpc = change(timed, 'grpc', (action) => (action.service === undefined ? { ...action, service: '' } : action));
  return change(withGrpc, 'httpGet', defaultHttpGet);
}

function defaultLifecycle(lifecycle: Lifecycle): Lifecycle {
  const handler = (hook: LifecycleHandler) => change(hook, 'httpGet', defaultHttpGet);
  return change(change(lifecycle, 'postStart', handler), 'preStop', handler);
}

/** Requests that are not given are taken from the limits: containers and init containers of a pod, not ephemeral ones. */
export function defaultRequests(container: Container): Container {
  return change(container, 'resources', (resources) => {
    if (!resources.limits) return resources;
    const usable = Object.entries(resources.limits).filter(([, amount]) => isQuantity(amount));
    return { ...resources, requests: { ...Object.fromEntries(usable), ...resources.requests } };
  });
}

/** With hostNetwork a container port is the host's port. */
export function defaultHostPorts(container: Container): Container {
  return change(container, 'ports', (ports) => ports.map((port) => fillZero(port, { hostPort: port.containerPort })));
}

/** Amounts finer than a thousandth are rounded up to one. */
export function roundResourceList(list: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(list).map(([name, amount]) => [name, isQuantity(amount) ? roundToMilli(amount) : amount]));
}

export function roundResources(resources: ResourceRequirements): ResourceRequirements {
  return change(change(resources, 'limits', roundResourceList), 'requests', roundResourceList);
}
