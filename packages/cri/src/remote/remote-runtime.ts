import type { Duplex } from 'node:stream';
import type { Clock, Logger } from '@podling/shared/util';
import { systemClock } from '@podling/shared/util';
import type {
  AttachRequest,
  Container,
  ContainerConfig,
  ContainerEvent,
  ContainerFilter,
  ContainerStats,
  ContainerStatus,
  CriRuntime,
  ExecRequest,
  ExecResult,
  Image,
  ImageFsInfo,
  LinuxResources,
  PodSandbox,
  PodSandboxConfig,
  PodSandboxFilter,
  PodSandboxStats,
  PodSandboxStatus,
  PullOptions,
  RuntimeConfig,
  RuntimeStatus,
  RuntimeVersion,
  StreamSession,
} from '../cri.ts';
import { CriClient } from './cri-client.ts';
import { parseEndpoint } from './endpoint.ts';
import type { TlsFiles } from './endpoint.ts';
import { EventHub } from './event-hub.ts';
import { RemoteContainers } from './remote-containers.ts';
import { RemoteImages } from './remote-images.ts';
import { RemoteSandboxes } from './remote-sandboxes.ts';
import { RemoteStatus } from './remote-status.ts';
import { RemoteStreams } from './remote-streams.ts';

export interface RemoteRuntimeOptions {
  /** Of RuntimeService: `unix:///run/containerd/containerd.sock` or `tcp://host:port`. */
  endpoint: string;
  /** Of ImageService. Default: the same. */
  imageEndpoint?: string;
  /** For `tcp://`. */
  tls?: TlsFiles;
  /** Of every call that has no longer one of its own. Default 2 min, as Kubernetes' `runtimeRequestTimeout`. */
  requestTimeoutMs?: number;
  /** What drives the cgroups where the runtime cannot say it. Default cgroupfs. */
  cgroupDriver?: RuntimeConfig['cgroupDriver'];
  clock?: Clock;
  logger: Logger;
}

export const REQUEST_TIMEOUT_MS = 2 * 60_000;

/**
 * A container runtime that speaks CRI v1: containerd 1.7 or later, CRI-O. It connects by itself, and again after the
 * runtime was restarted; until then calls fail with `Unavailable`. docs/runtimes.md has what such a runtime does not keep.
 * Fails with `InvalidArgument` for an endpoint that is none.
 */
export function createRemoteRuntime(options: RemoteRuntimeOptions): CriRuntime {
  const { endpoint, imageEndpoint = endpoint, tls, clock = systemClock } = options;
  const runtime = parseEndpoint(endpoint, tls);
  const image = parseEndpoint(imageEndpoint, tls);
  const client = new CriClient({ runtime, image, deadlineMs: options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS, clock });
  return new RemoteRuntime(client, clock, options);
}

class RemoteRuntime implements CriRuntime {
  readonly #client: CriClient;
  readonly #status: RemoteStatus;
  readonly #sandboxes: RemoteSandboxes;
  readonly #containers: RemoteContainers;
  readonly #images: RemoteImages;
  readonly #streams: RemoteStreams;
  readonly #events: EventHub;

  constructor(client: CriClient, clock: Clock, options: RemoteRuntimeOptions) {
    const { logger } = options;
    this.#client = client;
    this.#status = new RemoteStatus(client, options.cgroupDriver ?? 'cgroupfs');
    this.#sandboxes = new RemoteSandboxes(client, this.#status, logger);
    this.#containers = new RemoteContainers(client, this.#status, this.#sandboxes);
    this.#images = new RemoteImages(client);
    this.#streams = new RemoteStreams(client, options.tls, clock);
    this.#events = new EventHub({ client, clock, logger });
  }

  version(): Promise<RuntimeVersion> {
    return this.#status.version();
  }

  status(): Promise<RuntimeStatus> {
    return this.#status.status();
  }

  async runtimeConfig(): Promise<RuntimeConfig> {
    return { cgroupDriver: await this.#status.cgroupDriver() };
  }

  runPodSandbox(config: PodSandboxConfig, runtimeHandler = ''): Promise<string> {
    return this.#sandboxes.run(config, runtimeHandler);
  }

  stopPodSandbox(sandboxId: string): Promise<void> {
    return this.#sandboxes.stop(sandboxId);
  }

  removePodSandbox(sandboxId: string): Promise<void> {
    return this.#sandboxes.remove(sandboxId);
  }

  podSandboxStatus(sandboxId: string): Promise<PodSandboxStatus> {
    return this.#sandboxes.status(sandboxId);
  }

  listPodSandboxes(filter?: PodSandboxFilter): Promise<PodSandbox[]> {
    return this.#sandboxes.list(filter);
  }

  createContainer(sandboxId: string, config: ContainerConfig, sandboxConfig: PodSandboxConfig): Promise<string> {
    return this.#containers.create(sandboxId, config, sandboxConfig);
  }

  startContainer(containerId: string): Promise<void> {
    return this.#containers.start(containerId);
  }

  stopContainer(containerId: string, timeoutSeconds: number): Promise<void> {
    return this.#containers.stop(containerId, timeoutSeconds);
  }

  removeContainer(containerId: string): Promise<void> {
    return this.#containers.remove(containerId);
  }

  containerStatus(containerId: string): Promise<ContainerStatus> {
    return this.#containers.status(containerId);
  }

  listContainers(filter?: ContainerFilter): Promise<Container[]> {
    return this.#containers.list(filter);
  }

  containerStats(containerId: string): Promise<ContainerStats> {
    return this.#containers.stats(containerId);
  }

  listContainerStats(filter?: ContainerFilter): Promise<ContainerStats[]> {
    return this.#containers.listStats(filter);
  }

  podSandboxStats(sandboxId: string): Promise<PodSandboxStats> {
    return this.#sandboxes.stats(sandboxId);
  }

  listPodSandboxStats(filter?: PodSandboxFilter): Promise<PodSandboxStats[]> {
    return this.#sandboxes.listStats(filter);
  }

  execSync(containerId: string, command: readonly string[], timeoutSeconds: number): Promise<ExecResult> {
    return this.#containers.execSync(containerId, command, timeoutSeconds);
  }

  exec(containerId: string, request: ExecRequest): Promise<StreamSession> {
    return this.#streams.exec(containerId, request);
  }

  attach(containerId: string, request: AttachRequest): Promise<StreamSession> {
    return this.#streams.attach(containerId, request);
  }

  portForward(sandboxId: string, port: number): Promise<Duplex> {
    return this.#streams.portForward(sandboxId, port);
  }

  updateContainerResources(containerId: string, resources: LinuxResources): Promise<void> {
    return this.#containers.updateResources(containerId, resources);
  }

  reopenContainerLog(containerId: string): Promise<void> {
    return this.#containers.reopenLog(containerId);
  }

  events(signal: AbortSignal): AsyncIterable<ContainerEvent> {
    return this.#events.subscribe(signal);
  }

  listImages(): Promise<Image[]> {
    return this.#images.list();
  }

  imageStatus(reference: string): Promise<Image | undefined> {
    return this.#images.status(reference);
  }

  pullImage(reference: string, options?: PullOptions): Promise<string> {
    return this.#images.pull(reference, options);
  }

  removeImage(reference: string): Promise<void> {
    return this.#images.remove(reference);
  }

  imageFsInfo(): Promise<ImageFsInfo> {
    return this.#images.fsInfo();
  }

  async close(): Promise<void> {
    await this.#events.stop();
    this.#streams.close();
    this.#client.close();
  }
}
