import type { ContainerConfig, ContainerSecurityContext } from '@podling/cri';
import type { Container, Pod } from '@podling/shared/api';
import type { ContainerResources } from '../cm/container-resources.ts';
import { containerMounts, type MountedVolumes, type PlannedMount } from './container-mounts.ts';
import { makeEnvironment, type EnvironmentContext } from './environment.ts';
import type { EnvironmentSources } from './environment-sources.ts';
import { expand, ExpansionRoom } from './expansion.ts';
import { containerAnnotations, containerLabels } from './labels.ts';
import { containerSecurityContext, type SecurityDefaults } from './security-context.ts';
import { terminationLogMount } from './termination-message.ts';

export interface ContainerConfigInput {
  pod: Pod;
  container: Container;
  /** The restart count. */
  attempt: number;
  environment: EnvironmentContext;
  sources: EnvironmentSources;
  figures: Pick<ContainerResources, 'linuxResources'>;
  security: SecurityDefaults;
  volumes: MountedVolumes;
  /** The kubelet's own /etc/hosts for the pod. */
  etcHostsPath: string;
  /** The file for the container's termination message. */
  terminationLogPath: string;
  /** The container whose processes an ephemeral one is to see. */
  targetId?: string;
}

/** What is known before parts of volumes have been looked for. */
export type PlannedContainerConfig = Omit<ContainerConfig, 'mounts'> & { mounts: PlannedMount[] };

/** Translates an API container into the runtime's terms; fails with `ContainerConfigError`, or `ExpansionError`. */
export function containerConfig(input: ContainerConfigInput): PlannedContainerConfig {
  const { pod, container, attempt } = input;
  const env = makeEnvironment(pod, container, input.sources, input.environment);
  const values = new Map(env.map(({ name, value }) => [name, value]));
  const room = new ExpansionRoom();
  const expanded = (texts: string[] | undefined): string[] => (texts ?? []).map((text) => expand(text, (name) => values.get(name), room));
  const securityContext = withTarget(containerSecurityContext(pod, container, input.security), input.targetId);
  const stopSignal = container.lifecycle?.stopSignal;
  return {
    metadata: { name: container.name, attempt },
    image: container.image ?? '',
    command: expanded(container.command),
    args: expanded(container.args),
    workingDir: container.workingDir ?? '',
    env,
    mounts: [...containerMounts(container, input.volumes, input.etcHostsPath, values), ...terminationLogMount(container, input.terminationLogPath)],
    labels: containerLabels(pod, container),
    annotations: containerAnnotations(container, attempt),
    logPath: `${container.name}/${attempt}.log`,
    stdin: container.stdin ?? false,
    stdinOnce: container.stdinOnce ?? false,
    tty: container.tty ?? false,
    ...(stopSignal === undefined ? {} : { stopSignal }),
    linux: input.figures.linuxResources(pod, container),
    securityContext,
  };
}

function withTarget(context: ContainerSecurityContext, targetId: string | undefined): ContainerSecurityContext {
  return targetId === undefined ? context : { ...context, pid: { mode: 'TARGET', targetId } };
}
