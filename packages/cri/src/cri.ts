import type { Duplex, Readable, Writable } from 'node:stream';

/**
 * What the kubelet asks of a container runtime: Kubernetes' CRI v1 in our own types.
 *
 * Idempotence, which the contract suite holds every implementation to:
 * - `stop*` and `remove*` of something stopped, removed or never there succeed.
 * - `runPodSandbox` either returns a ready sandbox or leaves nothing behind; a second call with the same metadata
 *   (name, namespace, uid, attempt) after a failure succeeds.
 * - `createContainer` either returns a created container or leaves nothing behind.
 * - `*Status` of something unknown fails with `CriError` code `NotFound`.
 * - `updateContainerResources` sets what it is given and leaves the rest; twice is as once.
 * - A runtime process can be killed and restarted at any time: containers go on, and every list and status is right after.
 *
 * Times are milliseconds since the epoch, 0 = not yet. Ids are opaque strings.
 */
export interface RuntimeService {
  version(): Promise<RuntimeVersion>;
  /** Never rejects for a runtime that is down: then `RuntimeReady` is false with the reason. */
  status(): Promise<RuntimeStatus>;
  runtimeConfig(): Promise<RuntimeConfig>;

  /** `runtimeHandler` is one of `status().runtimeHandlers`; default: the runtime's own default. Another fails with `InvalidArgument`. */
  runPodSandbox(config: PodSandboxConfig, runtimeHandler?: string): Promise<string>;
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
  /** Fails with `NotFound` for a sandbox that is gone. */
  podSandboxStats(sandboxId: string): Promise<PodSandboxStats>;
  /** Of the ready ones. */
  listPodSandboxStats(filter?: PodSandboxFilter): Promise<PodSandboxStats[]>;
  /**
   * Runs a command in a running container to its end. A command that exits with an error is an answer, not a failure.
   * Fails with `DeadlineExceeded` after `timeoutSeconds` (0 = no limit), the process is gone then; with `StartError` if
   * it cannot be started, with `InvalidArgument` if the container does not run, with `NotFound` if there is none.
   */
  execSync(containerId: string, command: readonly string[], timeoutSeconds: number): Promise<ExecResult>;
  /**
   * Starts a command in a running container; resolves when it runs. Fails as `execSync` does. Its process is killed when
   * the session is closed before it ends.
   */
  exec(containerId: string, request: ExecRequest): Promise<StreamSession>;
  /**
   * Joins the streams of a running container's own process, from now on, beside any others. A stdin that was not asked for
   * when the container was created takes nothing; its end is the process' only with `stdinOnce` and without a tty. One who
   * reads nothing for long is cut off. Fails with `InvalidArgument` if it does not run, with `NotFound` if there is none.
   */
  attach(containerId: string, request: AttachRequest): Promise<StreamSession>;
  /**
   * A TCP connection to the loopback of a ready sandbox' network, half-closing as TCP does. Fails with `Unavailable` when
   * nothing listens, with `InvalidArgument` if the sandbox is not ready, with `NotFound` if there is none.
   */
  portForward(sandboxId: string, port: number): Promise<Duplex>;

  /** Of a running container, without a restart. Fails with `InvalidArgument` if it does not run, or the kernel refuses. */
  updateContainerResources(containerId: string, resources: LinuxResources): Promise<void>;
  /** Makes the log writer open `logPath` afresh, after the file was renamed. */
  reopenContainerLog(containerId: string): Promise<void>;

  /**
   * Events from now on, for all sandboxes and containers, until `signal` aborts. The iteration throws `CriError`
   * `Unavailable` when the connection is lost: subscribe again, then list, since nothing is replayed; `Unimplemented`
   * where the runtime has no events.
   */
  events(signal: AbortSignal): AsyncIterable<ContainerEvent>;
  /** Releases connections; containers go on. */
  close(): Promise<void>;
}

export interface ImageService {
  listImages(): Promise<Image[]>;
  /** Undefined when the image is not there. `reference` as the user wrote it. */
  imageStatus(reference: string): Promise<Image | undefined>;
  /**
   * Returns the image id. Fails with `InvalidImageName`, `ImagePull` (message from the tool). Credentials never stand
   * in a process argument and are not kept.
   */
  pullImage(reference: string, options?: PullOptions): Promise<string>;
  removeImage(reference: string): Promise<void>;
  /** Where images and the containers' writable layers are; often one and the same. */
  imageFsInfo(): Promise<ImageFsInfo>;
}

export interface PullOptions {
  signal?: AbortSignal;
  auth?: AuthConfig;
}

/** For one registry. `identityToken` and `registryToken` as in a docker config file. */
export interface AuthConfig {
  username?: string;
  password?: string;
  serverAddress?: string;
  identityToken?: string;
  registryToken?: string;
}

/** Output beyond 16 MiB each is cut off. */
export interface ExecResult {
  stdout: Buffer;
  stderr: Buffer;
  exitCode: number;
}

export interface ExecRequest extends AttachRequest {
  command: readonly string[];
}

/** Which streams the session has. With `tty` there is no stderr of its own. */
export interface AttachRequest {
  tty: boolean;
  stdin: boolean;
  stdout: boolean;
  stderr: boolean;
}

/** Streams push back: a reader that is slow slows the process down, never fills the memory. */
export interface StreamSession {
  /** Undefined unless asked for, as the others. Its end is the end of the process' stdin. */
  stdin: Writable | undefined;
  stdout: Readable | undefined;
  stderr: Readable | undefined;
  /** In characters. Without a tty it does nothing. */
  resize(size: TerminalSize): Promise<void>;
  /** The process' exit code; rejects with `Unavailable` when nobody can tell any more. stdout and stderr end on their own. */
  exited: Promise<number>;
  /** Lets go of the streams; idempotent. */
  close(): Promise<void>;
}

export interface TerminalSize {
  width: number;
  height: number;
}

export interface CriRuntime extends RuntimeService, ImageService {}

export interface RuntimeVersion {
  runtimeName: string;
  runtimeVersion: string;
  runtimeApiVersion: string;
}

export interface RuntimeStatus {
  conditions: { type: 'RuntimeReady' | 'NetworkReady'; status: boolean; reason: string; message: string }[];
  runtimeHandlers: RuntimeHandler[];
  /** Absent where the runtime does not tell. */
  features?: { supplementalGroupsPolicy: boolean };
}

/** As in a node's `status.runtimeHandlers`; the default one has the name ''. */
export interface RuntimeHandler {
  name: string;
  features: { recursiveReadOnlyMounts: boolean; userNamespaces: boolean };
}

export interface RuntimeConfig {
  cgroupDriver: 'cgroupfs' | 'systemd';
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
  /** NIS domain name of the uts namespace (`kernel.domainname`). Default: the kernel's. */
  domainname?: string;
  /** Default: all of its own. */
  namespaces?: SandboxNamespaces;
  /**
   * Of the namespaces that the sandbox has of its own, by name with dots: `net.ipv4.ip_unprivileged_port_start`. Fails with
   * `InvalidArgument` for any other, and for a value that the kernel refuses.
   */
  sysctls?: Record<string, string>;
  /** Of the sandbox's own process. Default `RuntimeDefault`. */
  seccomp?: SecurityProfile;
  /** Whether any of its containers is: some runtimes refuse a privileged one in a sandbox that is not. Default false. */
  privileged?: boolean;
  /** Folder for container logs, absolute. Empty: what the containers say is read and kept nowhere. */
  logDirectory: string;
  /** Undefined: the runtime's own resolv.conf. */
  dns?: { servers: string[]; searches: string[]; options: string[] };
  portMappings: PortMapping[];
  labels: Record<string, string>;
  annotations: Record<string, string>;
  /** Parent cgroup, cgroupfs form (`/kubepods/burstable/pod<uid>`). */
  cgroupParent: string;
}

/** `NODE` is the node's own. With network `NODE` the sandbox has no IP, no port mappings, and the node's hostname. */
export interface SandboxNamespaces {
  network?: 'POD' | 'NODE';
  ipc?: 'POD' | 'NODE';
  /** `POD`: containers may share the sandbox's pid namespace, each says so itself. */
  pid?: 'POD' | 'NODE';
}

/** As in Kubernetes' seccompProfile and appArmorProfile. */
export type SecurityProfile =
  | { type: 'RuntimeDefault' }
  | { type: 'Unconfined' }
  /** seccomp: absolute path of a profile file on the node; AppArmor: name of a loaded profile. */
  | { type: 'Localhost'; localhostRef: string };

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
  /** Empty when the sandbox is not ready, or has the node's network. */
  ip: string;
  network: 'POD' | 'NODE';
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
  /** A folder is made where nothing is; links are followed. */
  hostPath: string;
  containerPath: string;
  readonly: boolean;
  /** With `readonly`: what is mounted below is read-only too. Fails with `InvalidArgument` where the kernel cannot. */
  recursiveReadOnly?: boolean;
  /** Default `PRIVATE`. The others fail with `InvalidArgument` where the node's own mount is not shared. */
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
  /** e.g. `0`. */
  cpusetMems?: string;
  /** Memory and swap together; default: as the memory limit, no swap. */
  memorySwapLimitBytes?: number;
  /** Files of the container's cgroup, cgroup v2 alone: `{ 'memory.oom.group': '1' }`. */
  unified?: Record<string, string>;
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
  /** Relative to the sandbox's `logDirectory`: `web/0.log`. Empty: what it says is kept nowhere. */
  logPath: string;
  stdin: boolean;
  stdinOnce?: boolean;
  tty: boolean;
  /** Name, `SIGTERM`. Default: the image's, else SIGTERM. Fails with `InvalidArgument` for one that is none. */
  stopSignal?: string;
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
  /** Default `CONTAINER`: one of its own. `TARGET`: that of the container `targetId`, which runs in the same sandbox. */
  pid?: { mode: 'POD' | 'CONTAINER' | 'NODE' } | { mode: 'TARGET'; targetId: string };
  /** Default `RuntimeDefault`; a privileged container has none. */
  seccomp?: SecurityProfile;
  /** Default `RuntimeDefault` where the kernel has AppArmor. */
  appArmor?: SecurityProfile;
  /** `Unmasked`: no masked and no read-only paths below /proc. Default `Default`. `procPaths` go over it. */
  procMount?: 'Default' | 'Unmasked';
  procPaths?: { masked: string[]; readonly: string[] };
  runAsUsername?: string;
  /** `Merge` (default) adds the groups that the image's /etc/group gives the user. */
  supplementalGroupsPolicy?: 'Merge' | 'Strict';
}

export type ContainerState = 'CONTAINER_CREATED' | 'CONTAINER_RUNNING' | 'CONTAINER_EXITED' | 'CONTAINER_UNKNOWN';

export interface Container {
  id: string;
  podSandboxId: string;
  metadata: ContainerMetadata;
  /** As in the config; its id is what `pullImage` answered. */
  image: string;
  imageId: string;
  state: ContainerState;
  createdAtMs: number;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

export interface ContainerStatus extends Container {
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
  mounts?: Mount[];
  /** What is in force, from the last create or update. */
  resources: LinuxResources;
  /** The process' user as started. Undefined when unknown. */
  user?: ContainerUser;
}

export interface ContainerUser {
  uid: number;
  gid: number;
  supplementalGroups: number[];
}

export interface ContainerFilter {
  id?: string;
  state?: ContainerState;
  podSandboxId?: string;
  labelSelector?: Record<string, string>;
}

/** What a cgroup uses. */
export interface CgroupStats {
  timestampMs: number;
  /** Cumulative CPU time of all tasks, nanoseconds. */
  cpuUsageNanoSeconds: bigint;
  memoryUsageBytes: number;
  /** Usage less inactive file cache. */
  memoryWorkingSetBytes: number;
  memoryRssBytes: number;
  /** Limit less working set. Undefined without a limit. */
  memoryAvailableBytes?: number;
  pageFaults?: number;
  majorPageFaults?: number;
  /** Undefined where swap is not counted. */
  swapUsageBytes?: number;
  /** Tasks, threads included. Undefined where the runtime does not count. */
  processCount?: number;
}

export interface ContainerStats extends CgroupStats {
  id: string;
  metadata: ContainerMetadata;
  labels: Record<string, string>;
  /** Undefined while nobody has measured it yet. */
  writableLayer?: FilesystemUsage;
}

/** Of all of the pod's cgroup. */
export interface PodSandboxStats extends CgroupStats {
  id: string;
  metadata: PodSandboxMetadata;
  labels: Record<string, string>;
  /** The default one first. Absent for a sandbox on the node's network. */
  networkInterfaces?: NetworkInterfaceUsage[];
  /** Of those that run. */
  containers: ContainerStats[];
}

export interface NetworkInterfaceUsage {
  name: string;
  rxBytes: number;
  rxErrors: number;
  txBytes: number;
  txErrors: number;
}

export interface FilesystemUsage {
  timestampMs: number;
  /** A folder on the file system. */
  mountpoint: string;
  usedBytes: number;
  inodesUsed: number;
}

export interface ImageFsInfo {
  imageFilesystem: FilesystemUsage;
  containerFilesystem: FilesystemUsage;
}

export interface Image {
  /** The config digest, `sha256:…`. */
  id: string;
  repoTags: string[];
  repoDigests: string[];
  sizeBytes: number;
  /** The image's USER without a group: a number, or a name that only a container can resolve. Neither: root. */
  user: { uid: number } | { username: string } | undefined;
  /** Never to be removed to make room: the runtime itself needs it. */
  pinned: boolean;
}

export interface ContainerEvent {
  type: 'CONTAINER_CREATED_EVENT' | 'CONTAINER_STARTED_EVENT' | 'CONTAINER_STOPPED_EVENT' | 'CONTAINER_DELETED_EVENT';
  /** Of the container, or of the sandbox itself. */
  containerId: string;
  timestampMs: number;
  /** Undefined when the runtime cannot tell any more: relist. */
  podSandboxMetadata?: PodSandboxMetadata;
  /** As they were at the event, where the runtime sends them along: absent otherwise. */
  podSandboxStatus?: PodSandboxStatus;
  containersStatuses?: ContainerStatus[];
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
  /** The runtime has no such call. */
  | 'Unimplemented'
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
