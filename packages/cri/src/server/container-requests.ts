import type { ContainerConfig, ContainerFilter, ContainerSecurityContext, Mount } from '../cri.ts';
import { maskedPaths } from '../proc-paths.ts';
import { signalName } from '../v1/index.ts';
import type * as wire from '../v1/index.ts';
import { invalid, number, oneOf, required } from './invalid-field.ts';
import { linuxResources } from './resource-messages.ts';
import { securityProfile } from './sandbox-requests.ts';

/** Fails with `InvalidArgument` and the field's path, also for what the runtimes of this package cannot do. */
export function containerConfig(message: wire.ContainerConfig | null): ContainerConfig {
  const config = required(message, 'config');
  const { command, args, workingDir, labels, annotations, logPath, stdin, stdinOnce, tty, linux } = config;
  const { name, attempt } = required(config.metadata, 'config.metadata');
  const stopSignal = signalName(config.stopSignal);
  if (config.devices.length > 0) throw invalid('config.devices', 'devices are not supported');
  return {
    metadata: { name: required(name, 'config.metadata.name'), attempt },
    image: required(config.image?.image, 'config.image.image'),
    command, args, workingDir, labels, annotations, logPath, stdin, stdinOnce, tty,
    env: config.envs.map(({ key, value }) => ({ name: key, value })),
    mounts: config.mounts.map((mount, index) => mountOf(mount, `config.mounts[${index}]`)),
    ...(stopSignal === undefined ? {} : { stopSignal }),
    linux: linuxResources(linux?.resources ?? null, 'config.linux.resources'),
    securityContext: linux?.securityContext === undefined || linux.securityContext === null ? {} : securityContext(linux.securityContext, 'config.linux.security_context'),
  };
}

export function containerFilter(filter: wire.ContainerFilter | null): ContainerFilter {
  if (filter === null) return {};
  const { id, podSandboxId, state, labelSelector } = filter;
  const states = ['CONTAINER_CREATED', 'CONTAINER_RUNNING', 'CONTAINER_EXITED', 'CONTAINER_UNKNOWN'] as const;
  return {
    ...(id === '' ? {} : { id }),
    ...(podSandboxId === '' ? {} : { podSandboxId }),
    ...(state === null ? {} : { state: oneOf(state.state, states, 'filter.state.state') }),
    labelSelector,
  };
}

function mountOf(mount: wire.Mount, path: string): Mount {
  if (mount.image !== null && mount.image.image !== '') throw invalid(`${path}.image`, 'image volumes are not supported');
  if (mount.uidMappings.length + mount.gidMappings.length > 0) throw invalid(`${path}.uidMappings`, 'id mappings are not supported');
  const propagation = oneOf(mount.propagation, ['PROPAGATION_PRIVATE', 'PROPAGATION_HOST_TO_CONTAINER', 'PROPAGATION_BIDIRECTIONAL'], `${path}.propagation`);
  return {
    hostPath: required(mount.hostPath, `${path}.host_path`),
    containerPath: required(mount.containerPath, `${path}.container_path`),
    readonly: mount.readonly,
    recursiveReadOnly: mount.recursiveReadOnly,
    propagation: propagation.slice('PROPAGATION_'.length) as NonNullable<Mount['propagation']>,
  };
}

function securityContext(context: wire.LinuxContainerSecurityContext, path: string): ContainerSecurityContext {
  const { privileged, readonlyRootfs, noNewPrivs, capabilities, runAsUser, runAsGroup, runAsUsername } = context;
  // In CRI nothing said is no profile.
  const seccomp = securityProfile(context.seccomp, `${path}.seccomp`) ?? { type: 'Unconfined' };
  const appArmor = securityProfile(context.apparmor, `${path}.apparmor`);
  if (runAsGroup !== null && runAsUser === null && runAsUsername === '') throw invalid(`${path}.run_as_group`, 'it goes with run_as_user or run_as_username only');
  return {
    privileged, readonlyRootfs,
    noNewPrivileges: noNewPrivs,
    ...(runAsUser === null ? {} : { runAsUser: number(runAsUser.value, `${path}.run_as_user`) }),
    ...(runAsGroup === null ? {} : { runAsGroup: number(runAsGroup.value, `${path}.run_as_group`) }),
    ...(runAsUser !== null || runAsUsername === '' ? {} : { runAsUsername }),
    supplementalGroups: context.supplementalGroups.map((group, index) => number(group, `${path}.supplemental_groups[${index}]`)),
    supplementalGroupsPolicy: oneOf(context.supplementalGroupsPolicy, ['Merge', 'Strict'], `${path}.supplemental_groups_policy`),
    addCapabilities: capabilities?.addCapabilities ?? [],
    dropCapabilities: capabilities?.dropCapabilities ?? [],
    pid: pidOf(context.namespaceOptions, `${path}.namespace_options`),
    seccomp,
    ...(appArmor === undefined ? {} : { appArmor }),
    ...procPaths(context),
  };
}

function pidOf(options: wire.NamespaceOption | null, path: string): NonNullable<ContainerSecurityContext['pid']> {
  const mode = oneOf(options?.pid ?? 'CONTAINER', ['POD', 'CONTAINER', 'NODE', 'TARGET'], `${path}.pid`);
  return mode === 'TARGET' ? { mode, targetId: required(options?.targetId, `${path}.target_id`) } : { mode };
}

/** CRI names the paths; the runtime's own are asked for as one. */
function procPaths({ maskedPaths: masked, readonlyPaths }: wire.LinuxContainerSecurityContext): Pick<ContainerSecurityContext, 'procMount' | 'procPaths'> {
  const own = new Set(maskedPaths());
  if (masked.length === own.size && masked.every((path) => own.has(path))) return { procMount: 'Default' };
  return { procPaths: { masked, readonly: readonlyPaths } };
}
