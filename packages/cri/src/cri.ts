import type { Duplex } from 'node:stream';
import type { AttachRequest, ExecRequest, ExecResult, StreamSession } from './types/stream.ts';
import type { Image, PullOptions } from './types/image.ts';
import type { PodSandbox, PodSandboxConfig, PodSandboxFilter, PodSandboxStatus } from './types/sandbox.ts';
import type { Container, ContainerConfig, ContainerFilter, ContainerStatus, LinuxResources } from './types/container.ts';
import type { ContainerStats, ImageFsInfo, PodSandboxStats } from './types/stats.ts';
import type { ContainerEvent } from './types/event.ts';

export * from './types/stream.ts';
export * from './types/image.ts';
export * from './types/sandbox.ts';
export * from './types/container.ts';
export * from './types/stats.ts';
export * from './types/event.ts';
export * from './types/error.ts';

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
   * when the container was created takes nothing. The end of one that was is the process' with `stdinOnce` and without a tty;
   * else it is the session's, with or without what the process answers within a second. One who reads nothing for long is cut
   * off. Fails with `InvalidArgument` if it does not run, with `NotFound` if there is none.
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
