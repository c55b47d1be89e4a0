import type { Container, ContainerPort, EphemeralContainer } from '../container.ts';
import type { FieldError } from '../errors.ts';
import { isDNS1123Label, isValidPortName, isValidPortNumber } from '../names.ts';
import type { PodSpec } from '../pod.ts';
import { validateEnv, validateEnvFrom } from './env.ts';
import { checkOptional, checkRequired, duplicate, duplicates, eachOf, forbidden, invalid, notFound, required } from './field-errors.ts';
import { validateLifecycle, validateProbes } from './probe.ts';
import { validateResources } from './resources.ts';
import { validateContainerSecurity } from './security-context.ts';
import { validateMounts } from './volume-mounts.ts';

type AnyContainer = Container | EphemeralContainer;

/** What the rules of one container need of its pod. */
interface Context {
  volumeNames: ReadonlySet<string>;
  /** Names an ephemeral container may target. */
  targets: ReadonlySet<string>;
  gracePeriodSeconds: number | undefined;
}

/** Containers, init containers and ephemeral containers: each for itself, then names and host ports across them. */
export function validateContainers(spec: PodSpec): FieldError[] {
  const { containers, initContainers, ephemeralContainers } = spec;
  const context: Context = {
    volumeNames: new Set(spec.volumes?.map(({ name }) => name)),
    targets: new Set([...containers, ...(initContainers ?? [])].map(({ name }) => name)),
    gracePeriodSeconds: spec.terminationGracePeriodSeconds,
  };
  return [
    ...(containers.length === 0 ? [required('spec.containers')] : []),
    ...eachOf(containers, 'spec.containers', (container, path) => validateMain(container, context, path)),
    ...eachOf(initContainers, 'spec.initContainers', (container, path) => validateInit(container, context, path)),
    ...eachOf(ephemeralContainers, 'spec.ephemeralContainers', (container, path) => validateEphemeral(container, context, path)),
    ...validateUniqueNames(spec),
    ...validateHostPorts(containers),
  ];
}

function validateUniqueNames({ containers, initContainers = [], ephemeralContainers = [] }: PodSpec): FieldError[] {
  const named = [
    ...containers.map(({ name }, index) => ({ name, path: `spec.containers[${index}].name` })),
    ...initContainers.map(({ name }, index) => ({ name, path: `spec.initContainers[${index}].name` })),
    ...ephemeralContainers.map(({ name }, index) => ({ name, path: `spec.ephemeralContainers[${index}].name` })),
  ];
  return duplicates(named, ({ name }) => name, ({ name, path }) => duplicate(path, name));
}

function validateHostPorts(containers: Container[]): FieldError[] {
  const ports = containers.flatMap((container, at) =>
    (container.ports ?? []).map((port, index) => ({ port, path: `spec.containers[${at}].ports[${index}].hostPort` })),
  );
  const key = ({ port }: { port: ContainerPort }) => (port.hostPort ? `${port.protocol}/${port.hostIP ?? ''}/${port.hostPort}` : undefined);
  return duplicates(ports, key, ({ path }, _index, text) => duplicate(path, text));
}

function validateMain(container: Container, context: Context, path: string): FieldError[] {
  const { image = '' } = container;
  return [
    ...validateCommon(container, context, path),
    ...(image !== image.trim() ? [invalid(`${path}.image`, image, 'must not have leading or trailing whitespace')] : []),
    ...validateProbes(container, path),
    ...validateLifecycle(container.lifecycle, context.gracePeriodSeconds, `${path}.lifecycle`),
  ];
}

const notForInit = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const;

/** With restartPolicy Always an init container is a sidecar, which may have what a main container has. */
function validateInit(container: Container, context: Context, path: string): FieldError[] {
  if (container.restartPolicy === 'Always') return validateMain(container, context, path);
  return [
    ...validateCommon(container, context, path),
    ...notForInit
      .filter((name) => container[name] !== undefined)
      .map((name) => forbidden(`${path}.${name}`, 'may not be set for init containers without restartPolicy=Always')),
  ];
}

const notForEphemeral = ['ports', 'livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle'] as const;

function validateEphemeral(container: EphemeralContainer, context: Context, path: string): FieldError[] {
  const { targetContainerName: target } = container;
  return [
    ...validateCommon(container, context, path),
    ...(target && !context.targets.has(target) ? [notFound(`${path}.targetContainerName`, target)] : []),
    ...notForEphemeral
      .filter((name) => container[name] !== undefined)
      .map((name) => forbidden(`${path}.${name}`, 'cannot be set for an Ephemeral Container')),
  ];
}

function validateCommon(container: AnyContainer, { volumeNames }: Context, path: string): FieldError[] {
  return [
    ...checkRequired(`${path}.name`, container.name, isDNS1123Label),
    ...(container.image ? [] : [required(`${path}.image`)]),
    ...validatePorts(container.ports, `${path}.ports`),
    ...validateEnv(container.env, `${path}.env`),
    ...validateEnvFrom(container.envFrom, `${path}.envFrom`),
    ...validateMounts(container, volumeNames, path),
    ...validateResources(container.resources ?? {}, `${path}.resources`),
    ...validateContainerSecurity(container.securityContext, `${path}.securityContext`),
  ];
}

function validatePorts(ports: ContainerPort[] | undefined, path: string): FieldError[] {
  const number = (port: number, at: string) => isValidPortNumber(port).map((reason) => invalid(at, port, reason));
  return [
    ...eachOf(ports, path, ({ name, containerPort, hostPort }, at) => [
      ...checkOptional(`${at}.name`, name, isValidPortName),
      ...(containerPort === 0 ? [required(`${at}.containerPort`)] : number(containerPort, `${at}.containerPort`)),
      ...(hostPort ? number(hostPort, `${at}.hostPort`) : []),
    ]),
    ...duplicates(ports, ({ name }) => name, ({ name }, index) => duplicate(`${path}[${index}].name`, name)),
  ];
}
