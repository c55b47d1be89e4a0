/**
 * What the kubelet asks of a container runtime: Kubernetes' CRI v1 in our own types.
 *
 * Idempotence, which the contract suite holds every implementation to:
 * - `stop*` and `remove*` of something stopped, removed or never there succeed.
 * - `runPodSandbox` either returns a ready sandbox or leaves nothing behind; a second call with the same metadata
 *   (name, namespace, uid, attempt) after a failure succeeds.
 * - `createContainer` either returns a created container or leaves nothing behind.
 * - `*Status` of something unknown fails with `CriError` code `NotFound`.
 * - A runtime process can be killed and restarted at any time: containers go on, and every list and status is right after.
 *
 * Times are milliseconds since the epoch, 0 = not yet. Ids are opaque strings.
 */
export interface RuntimeService {
  version(): Promise<RuntimeVersion>;
  /** Never rejects for a runtime that is down: then `RuntimeReady` is false with the reason. */
  status(): Promise<RuntimeStatus>;

  runPodSandbox(config: PodSandboxConfig): Promise<string>;
  /** Stops every container of the sandbox (without grace) and the sandbox itself, and gives its IP back. */
  stopPodSandbox(sandboxId: string): Promise<void>;
  /** Stops what runs, then removes containers and sandbox. */
  removePodSandbox(sandboxId: string): Promise<void>;
  podSandboxStatus(sandboxId: string): Promise<PodSandboxStatus>;
  listPodSandboxes(filter?: PodSandboxFilter): Promise<PodSandbox[]>;

  createContainer(sandboxId: string, config: ContainerConfig, sandboxConfig: PodSandboxConfig): Promise<string>;
  /** Fails with `StartError` if the process cannot be started; the container is then EXITED with 128 and that message. */
  startContainer(containerId: string): Promise<void>;
  /** Sends the stop signal, waits up to `timeoutSeconds`, then SIGKILL; resolves when the process is gone. */
  stopContainer(containerId: string, timeoutSeconds: number): Promise<void>;
  /** Kills if it runs. The log file stays. */
  removeContainer(containerId: string): Promise<void>;
  containerStatus(containerId: string): Promise<ContainerStatus>;
  listContainers(filter?: ContainerFilter): Promise<Container[]>;
  /** Fails with `NotFound` for a container that is gone or being deleted. */
  containerStats(containerId: string): Promise<ContainerStats>;
  listContainerStats(filter?: ContainerFilter): Promise<ContainerStats[]>;
  /** Makes the log writer open `logPath` afresh, after the file was renamed. */
  reopenContainerLog(containerId: string): Promise<void>;

  /**
   * Events from now on, for all sandboxes and containers, until `signal` aborts. The iteration throws `CriError`
   * `Unavailable` when the connection is lost: subscribe again, then list, since nothing is replayed.
   */
  events(signal: AbortSignal): AsyncIterable<ContainerEvent>;
  /** Releases connections; containers go on. */
  close(): Promise<void>;
}

export interface ImageService {
  listImages(): Promise<Image[]>;
  /** Undefined when the image is not there. `reference` as the user wrote it. */
  imageStatus(reference: string): Promise<Image | undefined>;
  /** Returns the image id. Fails with `InvalidImageName`, `ImagePull` (message from the tool). */
  pullImage(reference: string, signal?: AbortSignal): Promise<string>;
  removeImage(reference: string): Promise<void>;
}

export interface CriRuntime extends RuntimeService, ImageService {}

export interface RuntimeVersion {
  runtimeName: string;
  runtimeVersion: string;
  runtimeApiVersion: string;
}

export interface RuntimeStatus {
  conditions: { type: 'RuntimeReady' | 'NetworkReady'; status: boolean; reason: string; message: string }[];
}

export interface PodSandboxMetadata {
  name: string;
  namespace: string;
  uid: string;
  attempt: number;
}

export interface PodSandboxConfig {
  metadata: PodSandboxMetadata;
  hostname: string;
  /** Folder for container logs, absolute. */
  logDirectory: string;
  /** Undefined: the runtime's own resolv.conf. */
  dns?: { servers: string[]; searches: string[]; options: string[] };
  portMappings: PortMapping[];
  labels: Record<string, string>;
  annotations: Record<string, string>;
  /** Parent cgroup, cgroupfs form (`/kubepods/burstable/pod<uid>`). */
  cgroupParent: string;
}

export interface PortMapping {
  protocol: 'TCP' | 'UDP' | 'SCTP';
  containerPort: number;
  hostPort: number;
  hostIp: string;
}

export type PodSandboxState = 'SANDBOX_READY' | 'SANDBOX_NOTREADY';

export interface PodSandbox {
  id: string;
  metadata: PodSandboxMetadata;
  state: PodSandboxState;
  createdAtMs: number;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

export interface PodSandboxStatus extends PodSandbox {
  /** Empty when the sandbox is not ready. */
  ip: string;
  /** PID of the pause process in the runtime's own PID namespace, 0 when not running. */
  pid: number;
}

export interface PodSandboxFilter {
  id?: string;
  state?: PodSandboxState;
  labelSelector?: Record<string, string>;
}

export interface ContainerMetadata {
  name: string;
  /** The restart count. */
  attempt: number;
}

export interface Mount {
  hostPath: string;
  containerPath: string;
  readonly: boolean;
  propagation?: 'PRIVATE' | 'HOST_TO_CONTAINER' | 'BIDIRECTIONAL';
}

export interface LinuxResources {
  /** CFS period and quota in microseconds; quota 0 or absent = no limit. */
  cpuPeriod?: number;
  cpuQuota?: number;
  cpuShares?: number;
  /** e.g. `0-1`. */
  cpusetCpus?: string;
  memoryLimitBytes?: number;
  oomScoreAdj?: number;
  pidsLimit?: number;
}

export interface ContainerConfig {
  metadata: ContainerMetadata;
  /** Reference or id, already present (`imageStatus`). */
  image: string;
  /** Empty: the image's ENTRYPOINT. Set: replaces ENTRYPOINT and drops the image's CMD. */
  command: string[];
  /** Empty: the image's CMD, unless `command` is set. */
  args: string[];
  /** Empty: the image's, else `/`. */
  workingDir: string;
  /** Later entries win, also over the image's. */
  env: { name: string; value: string }[];
  mounts: Mount[];
  labels: Record<string, string>;
  annotations: Record<string, string>;
  /** Relative to the sandbox's `logDirectory`: `web/0.log`. */
  logPath: string;
  stdin: boolean;
  tty: boolean;
  linux: LinuxResources;
  securityContext?: ContainerSecurityContext;
}

export interface ContainerSecurityContext {
  privileged?: boolean;
  readonlyRootfs?: boolean;
  runAsUser?: number;
  runAsGroup?: number;
  /** Further groups of the process. */
  supplementalGroups?: number[];
  addCapabilities?: string[];
  dropCapabilities?: string[];
  noNewPrivileges?: boolean;
}

export type ContainerState = 'CONTAINER_CREATED' | 'CONTAINER_RUNNING' | 'CONTAINER_EXITED' | 'CONTAINER_UNKNOWN';

export interface Container {
  id: string;
  podSandboxId: string;
  metadata: ContainerMetadata;
  /** As in the config. */
  image: string;
  state: ContainerState;
  createdAtMs: number;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

export interface ContainerStatus extends Container {
  imageId: string;
  startedAtMs: number;
  finishedAtMs: number;
  exitCode: number;
  /** `Completed`, `Error`, `OOMKilled`, `StartError`, `ContainerCannotRun`, or '' while running. */
  reason: string;
  message: string;
  /** Absolute. */
  logPath: string;
  /** 0 when not running. */
  pid: number;
}

export interface ContainerFilter {
  id?: string;
  state?: ContainerState;
  podSandboxId?: string;
  labelSelector?: Record<string, string>;
}

export interface ContainerStats {
  id: string;
  metadata: ContainerMetadata;
  labels: Record<string, string>;
  timestampMs: number;
  /** Cumulative CPU time of all tasks, nanoseconds. */
  cpuUsageNanoSeconds: bigint;
  memoryUsageBytes: number;
  /** Usage less inactive file cache. */
  memoryWorkingSetBytes: number;
  memoryRssBytes: number;
}

export interface Image {
  /** The config digest, `sha256:…`. */
  id: string;
  repoTags: string[];
  repoDigests: string[];
  sizeBytes: number;
}

export interface ContainerEvent {
  type: 'CONTAINER_CREATED_EVENT' | 'CONTAINER_STARTED_EVENT' | 'CONTAINER_STOPPED_EVENT' | 'CONTAINER_DELETED_EVENT';
  /** Of the container, or of the sandbox itself. */
  containerId: string;
  timestampMs: number;
  /** Undefined when the runtime cannot tell any more: relist. */
  podSandboxMetadata?: PodSandboxMetadata;
}

export type CriErrorCode =
  | 'NotFound'
  | 'InvalidArgument'
  | 'InvalidImageName'
  | 'ImagePull'
  | 'ImageNotPresent'
  /** The network could not be set up. */
  | 'NetworkError'
  /** The process could not be started (no such binary, not executable, bad working directory). */
  | 'StartError'
  | 'DeadlineExceeded'
  | 'Unavailable'
  | 'Unknown';

export class CriError extends Error {
  override readonly name = 'CriError';
  readonly code: CriErrorCode;

  constructor(code: CriErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export function isCriNotFound(error: unknown): boolean {
  return error instanceof CriError && error.code === 'NotFound';
}
