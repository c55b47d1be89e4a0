import type { Container, ContainerConfig, ContainerFilter, ContainerSecurityContext, ContainerStatus, ContainerUser, Mount, PodSandboxConfig } from '../cri.ts';
import { maskedPaths, readonlyPaths } from '../proc-paths.ts';
import { criSignal } from '../v1/index.ts';
import type * as wire from '../v1/index.ts';
import type { Sent } from '../v1/index.ts';
import { nonsense } from './call-errors.ts';
import { milliseconds } from './numbers.ts';
import { linuxResources, resourcesMessage } from './resource-messages.ts';
import { sandboxNamespaces, securityProfile } from './sandbox-messages.ts';
import type { VerboseInfo } from './verbose-info.ts';

/** What of the node a container's message depends on. */
export interface NodeFeatures {
  /** cgroup v2. */
  unified: boolean;
  appArmor: boolean;
}

export function containerConfigMessage(config: ContainerConfig, sandbox: PodSandboxConfig, node: NodeFeatures): Sent<wire.ContainerConfig> {
  const { metadata, command, args, workingDir, labels, annotations, logPath, stdin, stdinOnce = false, tty } = config;
  return {
    metadata, command, args, workingDir, labels, annotations, logPath, stdin, stdinOnce, tty,
    image: { image: config.image, userSpecifiedImage: config.image },
    envs: config.env.map(({ name, value }) => ({ key: name, value })),
    mounts: config.mounts.map(mountMessage),
    stopSignal: criSignal(config.stopSignal),
    linux: { resources: resourcesMessage(config.linux, node), securityContext: securityContextMessage(config.securityContext ?? {}, sandbox, node) },
  };
}

function mountMessage({ hostPath, containerPath, readonly, recursiveReadOnly = false, propagation = 'PRIVATE' }: Mount): Sent<wire.Mount> {
  return { hostPath, containerPath, readonly, recursiveReadOnly, propagation: `PROPAGATION_${propagation}` };
}

function securityContextMessage(context: ContainerSecurityContext, sandbox: PodSandboxConfig, node: NodeFeatures): Sent<wire.LinuxContainerSecurityContext> {
  const { privileged = false, runAsUser, runAsGroup, runAsUsername, pid = { mode: 'CONTAINER' } } = context;
  return {
    privileged,
    capabilities: { addCapabilities: capabilities(context.addCapabilities), dropCapabilities: capabilities(context.dropCapabilities) },
    namespaceOptions: { ...sandboxNamespaces(sandbox), pid: pid.mode, targetId: pid.mode === 'TARGET' ? pid.targetId : '' },
    ...(runAsUser === undefined ? {} : { runAsUser: { value: String(runAsUser) } }),
    ...(runAsGroup === undefined ? {} : { runAsGroup: { value: String(runAsGroup) } }),
    ...(runAsUsername === undefined || runAsUser !== undefined ? {} : { runAsUsername }),
    supplementalGroups: (context.supplementalGroups ?? []).map(String),
    supplementalGroupsPolicy: context.supplementalGroupsPolicy ?? 'Merge',
    readonlyRootfs: context.readonlyRootfs ?? false,
    noNewPrivs: context.noNewPrivileges ?? false,
    ...procPaths(context),
    seccomp: securityProfile(context.seccomp),
    ...appArmorFields(context, node),
  };
}

function procPaths({ privileged, procMount, procPaths: given }: ContainerSecurityContext): { maskedPaths: string[]; readonlyPaths: string[] } {
  if (privileged) return { maskedPaths: [], readonlyPaths: [] };
  const own = procMount === 'Unmasked' ? { masked: [], readonly: [] } : { masked: maskedPaths(), readonly: readonlyPaths };
  const { masked, readonly } = given ?? own;
  return { maskedPaths: masked, readonlyPaths: readonly };
}

/** A runtime takes its default by itself where the kernel has AppArmor, and refuses to be told so where it has none. */
function appArmorFields({ appArmor }: ContainerSecurityContext, node: NodeFeatures): { apparmor?: Sent<wire.SecurityProfile> } {
  if (appArmor === undefined || appArmor.type === 'RuntimeDefault') return {};
  return appArmor.type === 'Localhost' || node.appArmor ? { apparmor: securityProfile(appArmor) } : {};
}

/** CRI's are without the prefix. */
function capabilities(names: readonly string[] = []): string[] {
  return names.map((name) => name.toUpperCase().replace(/^CAP_/, ''));
}

export function containerFilterMessage({ id = '', state, podSandboxId = '', labelSelector = {} }: ContainerFilter): Sent<wire.ContainerFilter> {
  return { id, podSandboxId, labelSelector, ...(state === undefined ? {} : { state: { state } }) };
}

const states: readonly string[] = ['CONTAINER_CREATED', 'CONTAINER_RUNNING', 'CONTAINER_EXITED'] satisfies wire.ContainerState[];

export function container(message: wire.Container): Container {
  return { ...common(message, 'ListContainers'), podSandboxId: message.podSandboxId };
}

/** CRI's status does not say of which sandbox the container is, nor its PID. */
export function containerStatus(message: wire.ContainerStatus | null, { sandboxId, pid, user, stdinOnce }: VerboseInfo): ContainerStatus {
  if (message === null) throw nonsense('ContainerStatus', 'it has no status');
  const known = containerUser(message) ?? user;
  const base = common(message, 'ContainerStatus');
  return {
    ...base,
    podSandboxId: sandboxId,
    ...times(message),
    exitCode: message.exitCode,
    reason: reasonOf(message),
    message: message.message,
    logPath: message.logPath,
    pid: base.state === 'CONTAINER_RUNNING' ? pid : 0,
    resources: linuxResources(message.resources?.linux ?? null),
    ...(known === undefined ? {} : { user: known }),
    ...(stdinOnce === undefined ? {} : { stdinOnce }),
  };
}

type Common = Omit<Container, 'podSandboxId'>;

function common(message: Omit<wire.Container, 'podSandboxId'>, call: string): Common {
  const { id, metadata, labels, annotations } = message;
  if (id === '') throw nonsense(call, 'a container has no id');
  if (metadata === null) throw nonsense(call, `container ${id} has no metadata`);
  const state = states.includes(message.state) ? message.state : 'CONTAINER_UNKNOWN';
  const image = message.image?.userSpecifiedImage;
  return {
    id, labels, annotations, state,
    metadata: { name: metadata.name, attempt: metadata.attempt },
    image: image === undefined || image === '' ? (message.image?.image ?? '') : image,
    imageId: message.imageId === '' ? message.imageRef : message.imageId,
    createdAtMs: milliseconds(message.createdAt),
  };
}

/** Some runtimes have no start for what could not be started. */
function times(message: wire.ContainerStatus): { startedAtMs: number; finishedAtMs: number } {
  const finishedAtMs = message.state === 'CONTAINER_EXITED' ? milliseconds(message.finishedAt) : 0;
  return { startedAtMs: milliseconds(message.startedAt) || finishedAtMs, finishedAtMs };
}

function reasonOf({ state, reason, exitCode }: wire.ContainerStatus): string {
  if (state !== 'CONTAINER_EXITED') return '';
  return reason === '' ? (exitCode === 0 ? 'Completed' : 'Error') : reason;
}

function containerUser({ user }: wire.ContainerStatus): ContainerUser | undefined {
  if (user?.linux === undefined || user.linux === null) return undefined;
  const { uid, gid, supplementalGroups } = user.linux;
  return { uid: Number(uid), gid: Number(gid), supplementalGroups: supplementalGroups.map(Number) };
}
