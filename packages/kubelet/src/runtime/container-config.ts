import type { ContainerConfig, ContainerSecurityContext, Mount } from '@podling/cri';
import type { Container, Pod, VolumeMount } from '@podling/shared/api';
import { ContainerConfigError, makeEnvironment, type EnvironmentContext } from './environment.ts';
import type { EnvironmentSources } from './environment-sources.ts';
import { podHostname } from './etc-hosts.ts';
import { expand } from './expansion.ts';
import { containerAnnotations, containerLabels } from './labels.ts';
import { linuxResourcesOf, type ResourceContext } from './resources.ts';

/** A pod's volume on the node. */
export interface MountedVolume {
  hostPath: string;
  /** Whatever a mount asks for. */
  readOnly: boolean;
}

/** By the name of the volume. */
export type MountedVolumes = ReadonlyMap<string, MountedVolume>;

export interface ContainerConfigInput {
  pod: Pod;
  container: Container;
  /** The restart count. */
  attempt: number;
  environment: EnvironmentContext;
  sources: EnvironmentSources;
  resources: ResourceContext;
  volumes: MountedVolumes;
  /** The kubelet's own /etc/hosts for the pod. */
  etcHostsPath: string;
}

/** Translates an API container into the runtime's terms; fails with `ContainerConfigError`. */
export function containerConfig(input: ContainerConfigInput): ContainerConfig {
  const { pod, container, attempt } = input;
  const env = makeEnvironment(pod, container, input.sources, input.environment);
  const values = new Map(env.map(({ name, value }) => [name, value]));
  const expanded = (texts: string[] | undefined): string[] => (texts ?? []).map((text) => expand(text, (name) => values.get(name)));
  const securityContext = securityContextOf(pod, container);
  return {
    metadata: { name: container.name, attempt },
    image: container.image ?? '',
    command: expanded(container.command),
    args: expanded(container.args),
    workingDir: container.workingDir ?? '',
    env: [...env, ...hostnameEnv(env, pod)],
    mounts: [...mountsOf(container, input.volumes), ...etcHostsMount(container, input.etcHostsPath)],
    labels: containerLabels(pod, container),
    annotations: containerAnnotations(container, attempt),
    logPath: `${container.name}/${attempt}.log`,
    stdin: container.stdin ?? false,
    tty: container.tty ?? false,
    linux: linuxResourcesOf(container, input.resources),
    ...(securityContext === undefined ? {} : { securityContext }),
  };
}

function hostnameEnv(env: readonly { name: string }[], pod: Pod): { name: string; value: string }[] {
  if (env.some(({ name }) => name === 'HOSTNAME')) return [];
  return [{ name: 'HOSTNAME', value: podHostname(pod) }];
}

function mountsOf(container: Container, volumes: MountedVolumes): Mount[] {
  return (container.volumeMounts ?? []).map((mount) => mountOf(mount, volumes));
}

function mountOf(mount: VolumeMount, volumes: MountedVolumes): Mount {
  if (mount.subPath || mount.subPathExpr) throw new ContainerConfigError(`volumeMount "${mount.mountPath}": subPath is not supported yet`);
  const volume = volumes.get(mount.name);
  if (volume === undefined) throw new ContainerConfigError(`cannot find volume "${mount.name}" to mount into container`);
  const propagations = { None: 'PRIVATE', HostToContainer: 'HOST_TO_CONTAINER', Bidirectional: 'BIDIRECTIONAL' } as const;
  return {
    hostPath: volume.hostPath,
    containerPath: mount.mountPath,
    readonly: volume.readOnly || (mount.readOnly ?? false),
    propagation: propagations[mount.mountPropagation ?? 'None'],
  };
}

/** A user's own mount over /etc/hosts wins. */
function etcHostsMount(container: Container, hostPath: string): Mount[] {
  if (container.volumeMounts?.some(({ mountPath }) => mountPath === '/etc/hosts')) return [];
  return [{ hostPath, containerPath: '/etc/hosts', readonly: container.securityContext?.readOnlyRootFilesystem ?? false }];
}

function securityContextOf(pod: Pod, { securityContext: own }: Container): ContainerSecurityContext | undefined {
  const runAsUser = own?.runAsUser ?? pod.spec.securityContext?.runAsUser;
  const runAsGroup = own?.runAsGroup ?? pod.spec.securityContext?.runAsGroup;
  const { fsGroup, supplementalGroups = [] } = pod.spec.securityContext ?? {};
  const groups = fsGroup === undefined ? supplementalGroups : [fsGroup, ...supplementalGroups];
  const context: ContainerSecurityContext = {
    ...(own?.privileged === undefined ? {} : { privileged: own.privileged }),
    ...(own?.readOnlyRootFilesystem === undefined ? {} : { readonlyRootfs: own.readOnlyRootFilesystem }),
    ...(runAsUser === undefined ? {} : { runAsUser }),
    ...(runAsGroup === undefined ? {} : { runAsGroup }),
    ...(groups.length === 0 ? {} : { supplementalGroups: groups }),
    ...(own?.capabilities?.add === undefined ? {} : { addCapabilities: own.capabilities.add }),
    ...(own?.capabilities?.drop === undefined ? {} : { dropCapabilities: own.capabilities.drop }),
    ...(own?.allowPrivilegeEscalation === undefined ? {} : { noNewPrivileges: !own.allowPrivilegeEscalation }),
  };
  return Object.keys(context).length === 0 ? undefined : context;
}
