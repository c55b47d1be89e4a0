import type { Container, EphemeralContainer } from '../container.ts';
import type { FieldError } from '../errors.ts';
import { isDNS1123Label } from '../names.ts';
import type { PodSpec } from '../pod.ts';
import { validateInitResize, validateInitRestart, validateResizePolicy, validateRestart } from './container-policies.ts';
import { validateEnv, validateEnvFrom } from './env.ts';
import { checkRequired, checkRequiredMember, duplicate, eachOf, forbidden, invalid, notFound, required } from './field-errors.ts';
import { validateHostPorts, validatePorts } from './ports.ts';
import { validateLifecycle, validateProbes, type LifecycleContext } from './probe.ts';
import { validateResources } from './resources.ts';
import { validateContainerSecurity } from './security-context.ts';
import { validateMounts, type Volumes } from './volume-mounts.ts';

type AnyContainer = Container | EphemeralContainer;

/** What the rules of one container need of its pod. */
export interface ContainerContext extends LifecycleContext {
  volumes: Volumes;
  claims: ReadonlySet<string>;
  restartPolicy: PodSpec['restartPolicy'];
  hostUsers: boolean;
}

/** Containers, init containers and ephemeral containers, in this order. */
export function validateContainers(spec: PodSpec, context: ContainerContext, path: string): FieldError[] {
  return [
    ...validateMain(spec.containers, context, `${path}.containers`),
    ...validateInit(spec, context, `${path}.initContainers`),
    ...validateEphemeral(spec, context, `${path}.ephemeralContainers`),
  ];
}

function validateMain(containers: Container[], context: ContainerContext, path: string): FieldError[] {
  if (containers.length === 0) return [required(path)];
  const names = new Set<string>();
  return [
    ...eachOf(containers, path, (container, at) => [
      ...validateCommon(container, context, at),
      ...checkUnique(container.name, names, at),
      ...validateLifecycle(container.lifecycle, context, `${at}.lifecycle`),
      ...validateProbes(container, at),
      ...validateRestart(container, at),
    ]),
    ...validateHostPorts(containers, path),
  ];
}

function checkUnique(name: string, names: Set<string>, path: string): FieldError[] {
  if (names.has(name)) return [duplicate(`${path}.name`, name)];
  names.add(name);
  return [];
}

const notForInit = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const;

/** With restartPolicy Always an init container is a sidecar, which may have what a main container has. */
function validateInit({ containers, initContainers }: PodSpec, context: ContainerContext, path: string): FieldError[] {
  const names = new Set(containers.map(({ name }) => name));
  return eachOf(initContainers, path, (container, at) => {
    const isSidecar = container.restartPolicy === 'Always';
    return [
      ...validateCommon(container, context, at),
      ...validateInitRestart(container, at),
      ...(container.name === '' && !names.has('') ? [] : checkUnique(container.name, names, at)),
      ...validateHostPorts([container], path),
      ...(isSidecar ? validateLifecycle(container.lifecycle, context, `${at}.lifecycle`) : []),
      ...(isSidecar ? validateProbes(container, at) : notForInit
        .filter((name) => container[name] !== undefined)
        .map((name) => forbidden(`${at}.${name}`, 'may not be set for init containers without restartPolicy=Always'))),
      ...validateInitResize(container, at),
    ];
  });
}

const notForEphemeral = [
  'ports', 'resources', 'resizePolicy', 'restartPolicy', 'restartPolicyRules', 'livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle',
] as const;
/** What defaults leave behind. */
const isEmpty = (value: object | undefined) => Object.keys(value ?? {}).length === 0;
const NOT_EPHEMERAL = 'cannot be set for an Ephemeral Container';

function validateEphemeral(spec: PodSpec, context: ContainerContext, path: string): FieldError[] {
  const others = new Set([...spec.containers, ...(spec.initContainers ?? [])].map(({ name }) => name));
  const names = new Set(others);
  return eachOf(spec.ephemeralContainers, path, (container, at) => {
    const { targetContainerName: target } = container;
    return [
      ...validateCommon(container, context, at),
      ...checkImageBlanks(container, at),
      ...checkUnique(container.name, names, at),
      ...(target && !others.has(target) ? [notFound(`${at}.targetContainerName`, target)] : []),
      ...notForEphemeral.filter((name) => container[name] !== undefined && !(name === 'resources' && isEmpty(container.resources))).map((name) => forbidden(`${at}.${name}`, NOT_EPHEMERAL)),
      ...eachOf(container.volumeMounts, `${at}.volumeMounts`, (mount, mountPath) =>
        (['subPath', 'subPathExpr'] as const).filter((name) => mount[name]).map((name) => forbidden(`${mountPath}.${name}`, NOT_EPHEMERAL))),
    ];
  });
}


/** Refused for pods, not for templates. */
export function checkImageBlanks({ image = '' }: AnyContainer, path: string): FieldError[] {
  return image === image.trim() ? [] : [invalid(`${path}.image`, image, 'must not have leading or trailing whitespace')];
}

function validateCommon(container: AnyContainer, context: ContainerContext, path: string): FieldError[] {
  return [
    ...checkRequired(`${path}.name`, container.name, isDNS1123Label),
    ...(container.image ? [] : [required(`${path}.image`)]),
    ...checkRequiredMember(`${path}.terminationMessagePolicy`, container.terminationMessagePolicy, ['File', 'FallbackToLogsOnError']),
    ...validatePorts(container.ports, `${path}.ports`),
    ...validateEnv(container.env, `${path}.env`),
    ...validateEnvFrom(container.envFrom, `${path}.envFrom`),
    ...validateMounts(container, context.volumes, path),
    ...checkRequiredMember(`${path}.imagePullPolicy`, container.imagePullPolicy, ['Always', 'IfNotPresent', 'Never']),
    ...validateResources(container.resources ?? {}, context.claims, `${path}.resources`),
    ...validateResizePolicy(container.resizePolicy, context.restartPolicy, `${path}.resizePolicy`),
    ...validateContainerSecurity(container.securityContext, context.hostUsers, `${path}.securityContext`),
  ];
}
