import type { Duplex } from 'node:stream';
import { inTime, systemClock } from '@podling/shared/util';
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
  RuntimeHandler,
  RuntimeStatus,
  RuntimeVersion,
  StreamSession,
} from '../cri.ts';
import { CriError } from '../cri.ts';
import { supportsRecursiveReadOnly } from '../recursive-read-only.ts';
import { networkCondition } from './network-status.ts';
import { createRuntimeParts } from './runtime-parts.ts';
import type { ContainerdRuntimeOptions, RuntimeParts } from './runtime-parts.ts';

/** What a visitor that was killed has left is ended in milliseconds, or another time. */
const RECOVERY_MS = 2_000;

class ContainerdRuntime implements CriRuntime {
  readonly #parts: RuntimeParts;
  readonly #options: ContainerdRuntimeOptions;
  #recovering: Promise<void> = Promise.resolve();

  constructor(options: ContainerdRuntimeOptions) {
    this.#options = options;
    this.#parts = createRuntimeParts(options);
  }

  start(): void {
    if (this.#options.visitor === true) {
      // What cannot be recovered now is left to the next visitor.
      this.#recovering = this.#parts.execs.recover().catch(() => undefined);
      return;
    }
    this.#parts.events.start();
    this.#parts.logs.start();
    this.#parts.fifos.prepare();
  }

  async version(): Promise<RuntimeVersion> {
    const { version } = await this.#parts.client.call<{ version: string }>('version', 'version', {});
    return { runtimeName: 'containerd', runtimeVersion: version, runtimeApiVersion: 'v1' };
  }

  async status(): Promise<RuntimeStatus> {
    const ready = await this.version().then(
      () => ({ status: true, reason: '', message: '' }),
      (error: unknown) => ({ status: false, reason: 'ContainerdUnavailable', message: String(error) }),
    );
    const network = networkCondition(this.#options.cniConfDir, this.#options.network ?? 'flannel');
    return { conditions: [{ type: 'RuntimeReady', ...ready }, network], runtimeHandlers: runtimeHandlers(), features: { supplementalGroupsPolicy: true } };
  }

  async runtimeConfig(): Promise<RuntimeConfig> {
    return { cgroupDriver: this.#options.cgroupManager ?? 'cgroupfs' };
  }

  async runPodSandbox(config: PodSandboxConfig, runtimeHandler = ''): Promise<string> {
    if (!runtimeHandlers().some(({ name }) => name === runtimeHandler)) throw new CriError('InvalidArgument', `no runtime for ${JSON.stringify(runtimeHandler)} is configured`);
    return this.#parts.sandboxes.run(config);
  }

  async stopPodSandbox(sandboxId: string): Promise<void> {
    await this.#parts.containers.stopAll(sandboxId);
    await this.#parts.sandboxes.stop(sandboxId);
  }

  async removePodSandbox(sandboxId: string): Promise<void> {
    const { containers, sandboxes } = this.#parts;
    await Promise.all(containers.containersOf(sandboxId).map((id) => containers.remove(id)));
    await sandboxes.remove(sandboxId);
  }

  podSandboxStatus(sandboxId: string): Promise<PodSandboxStatus> {
    return this.#parts.sandboxes.status(sandboxId);
  }

  listPodSandboxes(filter?: PodSandboxFilter): Promise<PodSandbox[]> {
    return this.#parts.sandboxes.list(filter);
  }

  createContainer(sandboxId: string, config: ContainerConfig, sandboxConfig: PodSandboxConfig): Promise<string> {
    return this.#parts.containers.create(sandboxId, config, sandboxConfig);
  }

  startContainer(containerId: string): Promise<void> {
    const starting = this.#parts.containers.start(containerId);
    return this.#options.visitor === true ? starting : starting.finally(() => void this.#parts.fifos.prepareSoon());
  }

  stopContainer(containerId: string, timeoutSeconds: number): Promise<void> {
    return this.#parts.containers.stop(containerId, timeoutSeconds);
  }

  removeContainer(containerId: string): Promise<void> {
    return this.#parts.containers.remove(containerId);
  }

  containerStatus(containerId: string): Promise<ContainerStatus> {
    return this.#parts.containers.status(containerId);
  }

  listContainers(filter?: ContainerFilter): Promise<Container[]> {
    return this.#parts.containers.list(filter);
  }

  async containerStats(containerId: string): Promise<ContainerStats> {
    return this.#parts.stats.container(containerId);
  }

  async listContainerStats(filter?: ContainerFilter): Promise<ContainerStats[]> {
    return this.#parts.stats.listContainers(filter);
  }

  execSync(containerId: string, command: readonly string[], timeoutSeconds: number): Promise<ExecResult> {
    return this.#parts.streams.execSync(containerId, command, timeoutSeconds);
  }

  exec(containerId: string, request: ExecRequest): Promise<StreamSession> {
    return this.#parts.streams.exec(containerId, request);
  }

  attach(containerId: string, request: AttachRequest): Promise<StreamSession> {
    return this.#parts.streams.attach(containerId, request);
  }

  portForward(sandboxId: string, port: number): Promise<Duplex> {
    return this.#parts.streams.portForward(sandboxId, port);
  }

  async podSandboxStats(sandboxId: string): Promise<PodSandboxStats> {
    return this.#parts.stats.sandbox(sandboxId);
  }

  async listPodSandboxStats(filter?: PodSandboxFilter): Promise<PodSandboxStats[]> {
    return this.#parts.stats.listSandboxes(filter);
  }

  imageFsInfo(): Promise<ImageFsInfo> {
    return this.#parts.layers.imageFsInfo();
  }

  updateContainerResources(containerId: string, resources: LinuxResources): Promise<void> {
    return this.#parts.containers.updateResources(containerId, resources);
  }

  reopenContainerLog(containerId: string): Promise<void> {
    return this.#parts.containers.reopenLog(containerId);
  }

  events(signal: AbortSignal): AsyncIterable<ContainerEvent> {
    this.#parts.events.start();
    return this.#parts.events.subscribe(signal);
  }

  listImages(): Promise<Image[]> {
    return this.#parts.images.listImages();
  }

  imageStatus(reference: string): Promise<Image | undefined> {
    return this.#parts.images.imageStatus(reference);
  }

  pullImage(reference: string, options?: PullOptions): Promise<string> {
    return this.#parts.images.pullImage(reference, options);
  }

  removeImage(reference: string): Promise<void> {
    return this.#parts.images.removeImage(reference);
  }

  async close(): Promise<void> {
    const { clock = systemClock } = this.#options;
    const settled = inTime(Promise.all([this.#recovering, this.#parts.pauseRoot.settled()]), RECOVERY_MS, clock, () => new Error('containerd does not answer')).catch(() => undefined);
    await Promise.all([this.#parts.streams.close(), this.#parts.events.stop(), this.#parts.fifos.close(), settled]);
    this.#parts.logs.close();
    this.#parts.client.close();
    this.#parts.leave();
  }
}

/** nerdctl and containerd start everything with runc here. */
function runtimeHandlers(): RuntimeHandler[] {
  const features = { recursiveReadOnlyMounts: supportsRecursiveReadOnly(), userNamespaces: false };
  return ['', 'runc'].map((name) => ({ name, features }));
}

/**
 * The default runtime: sandboxes by nerdctl, all else by containerd's own API. Starts to connect at once; containerd
 * need not run yet.
 */
export function createContainerdRuntime(options: ContainerdRuntimeOptions): CriRuntime {
  const runtime = new ContainerdRuntime(options);
  runtime.start();
  return runtime;
}
