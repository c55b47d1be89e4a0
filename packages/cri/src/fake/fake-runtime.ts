import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import type { Duplex } from 'node:stream';

import type { Clock } from '@podling/shared/util';

import { CriError } from '../cri.ts';
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
import { matchesContainer, matchesSandbox } from '../filters.ts';
import { FakeImages } from './fake-images.ts';
import { FakeWorld, SIGKILL_EXIT_CODE } from './fake-world.ts';
import type { ContainerRecord, FakeContainerBehaviour } from './fake-world.ts';

export type FakeOperation =
  | 'runPodSandbox'
  | 'stopPodSandbox'
  | 'removePodSandbox'
  | 'createContainer'
  | 'startContainer'
  | 'stopContainer'
  | 'removeContainer'
  | 'execSync'
  | 'updateContainerResources';

export interface FakeRuntimeOptions {
  clock: Clock;
  /** Images that are there from the start. */
  images?: readonly string[];
  /** Range of pod addresses, default `10.88.0.0/16`. */
  podCidr?: string;
  /** How long each operation takes, default 0. `pullImage` too. */
  delaysMs?: Partial<Record<FakeOperation | 'pullImage', number>>;
  behaviour?: (config: ContainerConfig) => FakeContainerBehaviour | undefined;
}

const SIGTERM_EXIT_CODE = 143;
const FIRST_PID = 1000;
const handlers: RuntimeHandler[] = [{ name: '', features: { recursiveReadOnlyMounts: true, userNamespaces: false } }];

/**
 * A container runtime in memory with the promises of `CriRuntime` and hands to pull on: exits, failures, delays by
 * the given clock, lost connections. For kubelet tests and hollow nodes; it runs no process and writes no log.
 * The object stands for containerd: it outlives any number of kubelets that share it.
 */
export class FakeRuntime implements CriRuntime {
  readonly #options: FakeRuntimeOptions;
  readonly #clock: Clock;
  readonly #images: FakeImages;
  readonly #world: FakeWorld;
  readonly #failures = new Map<FakeOperation, CriError[]>();
  #sequence = 0;
  #down: CriError | undefined;

  constructor(options: FakeRuntimeOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#world = new FakeWorld(options.clock, options.podCidr ?? '10.88.0.0/16');
    this.#images = new FakeImages({
      clock: options.clock,
      images: options.images ?? [],
      pullMs: options.delaysMs?.pullImage ?? 0,
    });
  }

  // Hands to pull on.

  /** The container's process ends. Does nothing to one that does not run. */
  exitContainer(containerId: string, exitCode: number, details: { reason?: string; message?: string } = {}): void {
    const record = this.#world.containers.get(containerId);
    if (record !== undefined) this.#world.end(record, exitCode, details.reason, details.message);
  }

  /** The pause process dies: the sandbox is not ready any more, its containers go on. */
  killSandbox(sandboxId: string): void {
    const sandbox = this.#world.sandboxes.get(sandboxId);
    if (sandbox !== undefined) this.#world.unready(sandbox);
  }

  addImage(reference: string): Image {
    return this.#images.addImage(reference);
  }

  failPull(reference: string, error: CriError | string | undefined): void {
    this.#images.failPull(reference, error);
  }

  lockPull(reference: string, password: string): void {
    this.#images.lockPull(reference, password);
  }

  /** The next call of `operation` fails; called twice, the next two. */
  failNext(operation: FakeOperation, error: CriError): void {
    this.#failures.set(operation, [...(this.#failures.get(operation) ?? []), error]);
  }

  /** Every call fails and every event stream ends, as while containerd is down. Containers go on. */
  setDown(down: boolean): void {
    this.#down = down ? new CriError('Unavailable', 'connection refused') : undefined;
    if (this.#down !== undefined) this.#world.events.end(this.#down);
  }

  /** Ends every event stream; events until the next subscription are missed. */
  loseEvents(): void {
    this.#world.events.end(new CriError('Unavailable', 'connection dropped'));
  }

  setStats(containerId: string, stats: ContainerRecord['stats']): void {
    this.#world.container(containerId).stats = stats;
  }

  /** The config a sandbox was run with. */
  sandboxConfig(sandboxId: string): PodSandboxConfig {
    return this.#world.sandbox(sandboxId).config;
  }

  /** The config a container was created with. */
  containerConfig(containerId: string): ContainerConfig {
    return this.#world.container(containerId).config;
  }

  // RuntimeService.

  async version(): Promise<RuntimeVersion> {
    this.#check();
    return { runtimeName: 'fake', runtimeVersion: '0.1.0', runtimeApiVersion: 'v1' };
  }

  async status(): Promise<RuntimeStatus> {
    const down = this.#down;
    const condition = { status: down === undefined, reason: down === undefined ? '' : 'RuntimeDown', message: down?.message ?? '' };
    return { conditions: [{ type: 'RuntimeReady', ...condition }, { type: 'NetworkReady', ...condition }], runtimeHandlers: handlers, features: { supplementalGroupsPolicy: true } };
  }

  async runtimeConfig(): Promise<RuntimeConfig> {
    this.#check();
    return { cgroupDriver: 'cgroupfs' };
  }

  async runPodSandbox(config: PodSandboxConfig, runtimeHandler = ''): Promise<string> {
    if (!handlers.some(({ name }) => name === runtimeHandler)) throw new CriError('InvalidArgument', `no runtime for ${JSON.stringify(runtimeHandler)} is configured`);
    await this.#begin('runPodSandbox');
    const taken = [...this.#world.sandboxes.values()].find((other) => sandboxKey(other.config) === sandboxKey(config));
    if (taken !== undefined) throw new CriError('Unknown', `sandbox name ${sandboxKey(config)} is reserved for ${taken.status.id}`);
    const { metadata, labels, annotations } = config;
    const id = this.#nextId('sandbox');
    const status: PodSandboxStatus = {
      id, metadata, labels, annotations, state: 'SANDBOX_READY', createdAtMs: this.#clock.now(),
      network: config.namespaces?.network ?? 'POD',
      ip: config.namespaces?.network === 'NODE' ? '' : this.#world.ips.take(),
      pid: FIRST_PID + this.#sequence,
    };
    this.#world.sandboxes.set(id, { status, config });
    this.#world.emitSandbox('CONTAINER_CREATED_EVENT', status);
    this.#world.emitSandbox('CONTAINER_STARTED_EVENT', status);
    return id;
  }

  async stopPodSandbox(sandboxId: string): Promise<void> {
    await this.#begin('stopPodSandbox');
    this.#world.stopSandbox(sandboxId);
  }

  async removePodSandbox(sandboxId: string): Promise<void> {
    await this.#begin('removePodSandbox');
    this.#world.stopSandbox(sandboxId);
    for (const record of this.#world.containersOf(sandboxId)) this.#world.remove(record);
    const sandbox = this.#world.sandboxes.get(sandboxId);
    if (sandbox === undefined) return;
    this.#world.sandboxes.delete(sandboxId);
    this.#world.emitSandbox('CONTAINER_DELETED_EVENT', sandbox.status);
  }

  async podSandboxStatus(sandboxId: string): Promise<PodSandboxStatus> {
    this.#check();
    return { ...this.#world.sandbox(sandboxId).status };
  }

  async listPodSandboxes(filter: PodSandboxFilter = {}): Promise<PodSandbox[]> {
    this.#check();
    return [...this.#world.sandboxes.values()].map((record) => ({ ...record.status })).filter((item) => matchesSandbox(item, filter));
  }

  async createContainer(sandboxId: string, config: ContainerConfig, sandboxConfig: PodSandboxConfig): Promise<string> {
    await this.#begin('createContainer');
    if (this.#world.sandbox(sandboxId).status.state !== 'SANDBOX_READY') throw new CriError('InvalidArgument', `sandbox ${sandboxId} is not ready`);
    const image = this.#images.find(config.image);
    if (image === undefined) throw new CriError('ImageNotPresent', `image ${config.image} is not present`);
    const id = this.#nextId('container');
    const record = this.#newContainer(id, sandboxId, image, config, join(sandboxConfig.logDirectory, config.logPath));
    this.#world.containers.set(id, record);
    this.#world.emitContainer('CONTAINER_CREATED_EVENT', record);
    return id;
  }

  async startContainer(containerId: string): Promise<void> {
    await this.#begin('startContainer');
    const record = this.#world.container(containerId);
    if (record.status.state !== 'CONTAINER_CREATED') throw new CriError('InvalidArgument', `container is in state ${record.status.state}`);
    record.status.startedAtMs = this.#clock.now();
    if (record.behaviour.startError !== undefined) this.#failStart(record, record.behaviour.startError);
    Object.assign(record.status, { state: 'CONTAINER_RUNNING', pid: FIRST_PID + (this.#sequence += 1) });
    this.#world.emitContainer('CONTAINER_STARTED_EVENT', record);
    this.#scheduleExit(record);
  }

  async stopContainer(containerId: string, timeoutSeconds: number): Promise<void> {
    await this.#begin('stopContainer');
    const record = this.#world.containers.get(containerId);
    if (record?.status.state !== 'CONTAINER_RUNNING') return;
    if (!record.behaviour.ignoresStopSignal && timeoutSeconds > 0) return this.#world.end(record, SIGTERM_EXIT_CODE, 'Error');
    if (timeoutSeconds > 0) await this.#endOrTimeout(record, timeoutSeconds * 1000);
    this.#world.end(record, SIGKILL_EXIT_CODE, 'Error');
  }

  async removeContainer(containerId: string): Promise<void> {
    await this.#begin('removeContainer');
    const record = this.#world.containers.get(containerId);
    if (record !== undefined) this.#world.remove(record);
  }

  async containerStatus(containerId: string): Promise<ContainerStatus> {
    this.#check();
    return { ...this.#world.container(containerId).status };
  }

  async listContainers(filter: ContainerFilter = {}): Promise<Container[]> {
    this.#check();
    return [...this.#world.containers.values()].map((record) => ({ ...record.status })).filter((item) => matchesContainer(item, filter));
  }

  async containerStats(containerId: string): Promise<ContainerStats> {
    this.#check();
    const record = this.#world.container(containerId);
    if (record.status.state !== 'CONTAINER_RUNNING') throw new CriError('NotFound', `container ${containerId} is not running`);
    return this.#world.statsOf(record);
  }

  async listContainerStats(filter: ContainerFilter = {}): Promise<ContainerStats[]> {
    this.#check();
    const running = [...this.#world.containers.values()].filter((record) => record.status.state === 'CONTAINER_RUNNING');
    return running.filter((record) => matchesContainer(record.status, filter)).map((record) => this.#world.statsOf(record));
  }

  async execSync(containerId: string, command: readonly string[], timeoutSeconds: number): Promise<ExecResult> {
    await this.#begin('execSync');
    const record = this.#world.container(containerId);
    if (record.status.state !== 'CONTAINER_RUNNING') throw new CriError('InvalidArgument', `container ${containerId} is not running`);
    const { exitCode = 0, stdout = '', stderr = '', hangs = false } = record.behaviour.exec?.(command) ?? {};
    if (hangs) {
      await this.#endOrTimeout(record, timeoutSeconds === 0 ? Number.POSITIVE_INFINITY : timeoutSeconds * 1000);
      if (record.status.state !== 'CONTAINER_RUNNING') return { exitCode: SIGKILL_EXIT_CODE, stdout: Buffer.from(''), stderr: Buffer.from('') };
      throw new CriError('DeadlineExceeded', `command ${JSON.stringify(command.join(' '))} timed out after ${timeoutSeconds}s`);
    }
    return { exitCode, stdout: Buffer.from(stdout), stderr: Buffer.from(stderr) };
  }

  async podSandboxStats(sandboxId: string): Promise<PodSandboxStats> {
    this.#check();
    return this.#world.sandboxStatsOf(this.#world.sandbox(sandboxId).status);
  }

  async listPodSandboxStats(filter: PodSandboxFilter = {}): Promise<PodSandboxStats[]> {
    const ready = await this.listPodSandboxes({ ...filter, state: 'SANDBOX_READY' });
    return ready.map((sandbox) => this.#world.sandboxStatsOf(sandbox));
  }

  async exec(containerId: string, { command, tty, stdin, stdout, stderr }: ExecRequest): Promise<StreamSession> {
    const result = await this.execSync(containerId, command, 0);
    return {
      stdin: stdin ? new PassThrough().resume() : undefined,
      stdout: stdout ? Readable.from([result.stdout]) : undefined,
      stderr: stderr && !tty ? Readable.from([result.stderr]) : undefined,
      resize: async () => undefined,
      exited: Promise.resolve(result.exitCode),
      close: async () => undefined,
    };
  }

  /** The containers of this runtime say nothing. */
  async attach(containerId: string, { tty, stdin, stdout, stderr }: AttachRequest): Promise<StreamSession> {
    this.#check();
    const { status, ended } = this.#world.container(containerId);
    if (status.state !== 'CONTAINER_RUNNING') throw new CriError('InvalidArgument', `container ${containerId} is not running`);
    const [out, err] = [new PassThrough(), new PassThrough()];
    const close = async (): Promise<void> => void [out, err].forEach((stream) => stream.end());
    return {
      stdin: stdin ? new PassThrough().resume() : undefined,
      stdout: stdout ? out : undefined,
      stderr: stderr && !tty ? err : undefined,
      resize: async () => undefined,
      exited: ended.promise.then(() => close()).then(() => status.exitCode),
      close,
    };
  }

  async portForward(sandboxId: string, port: number): Promise<Duplex> {
    this.#check();
    if (this.#world.sandbox(sandboxId).status.state !== 'SANDBOX_READY') throw new CriError('InvalidArgument', `sandbox ${sandboxId} is not ready`);
    throw new CriError('Unavailable', `connect 127.0.0.1:${port}: connection refused`);
  }

  async imageFsInfo(): Promise<ImageFsInfo> {
    const images = await this.listImages();
    const used = images.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const filesystem = { timestampMs: this.#clock.now(), mountpoint: '/', usedBytes: used, inodesUsed: images.length };
    return { imageFilesystem: filesystem, containerFilesystem: filesystem };
  }

  async updateContainerResources(containerId: string, resources: LinuxResources): Promise<void> {
    await this.#begin('updateContainerResources');
    const { status } = this.#world.container(containerId);
    if (status.state !== 'CONTAINER_RUNNING') throw new CriError('InvalidArgument', `container ${containerId} is not running`);
    status.resources = { ...status.resources, ...resources };
  }

  async reopenContainerLog(containerId: string): Promise<void> {
    this.#check();
    this.#world.container(containerId);
  }

  events(signal: AbortSignal): AsyncIterable<ContainerEvent> {
    return this.#world.events.read(signal, this.#down);
  }

  async close(): Promise<void> {}

  // ImageService.

  async listImages(): Promise<Image[]> {
    this.#check();
    return this.#images.listImages();
  }

  async imageStatus(reference: string): Promise<Image | undefined> {
    this.#check();
    return this.#images.imageStatus(reference);
  }

  async pullImage(reference: string, options?: PullOptions): Promise<string> {
    this.#check();
    return this.#images.pullImage(reference, options);
  }

  async removeImage(reference: string): Promise<void> {
    this.#check();
    return this.#images.removeImage(reference);
  }

  // The state machine: CREATED → RUNNING → EXITED, or CREATED → EXITED when the start fails.

  #check(): void {
    if (this.#down !== undefined) throw new CriError('Unavailable', this.#down.message, { cause: this.#down });
  }

  async #begin(operation: FakeOperation): Promise<void> {
    this.#check();
    const delayMs = this.#options.delaysMs?.[operation] ?? 0;
    if (delayMs > 0) await this.#clock.sleep(delayMs);
    const failure = this.#failures.get(operation)?.shift();
    if (failure !== undefined) throw failure;
  }

  #nextId(kind: string): string {
    this.#sequence += 1;
    return `fake-${kind}-${this.#sequence}`;
  }

  #newContainer(id: string, podSandboxId: string, image: Image, config: ContainerConfig, logPath: string): ContainerRecord {
    const { metadata, labels, annotations } = config;
    const status: ContainerStatus = {
      id, podSandboxId, metadata, labels, annotations, image: config.image, imageId: image.id, logPath,
      state: 'CONTAINER_CREATED', createdAtMs: this.#clock.now(), startedAtMs: 0, finishedAtMs: 0,
      exitCode: 0, reason: '', message: '', pid: 0, resources: config.linux,
    };
    const behaviour = this.#options.behaviour?.(config) ?? {};
    const stats = { cpuUsageNanoSeconds: 0n, memoryUsageBytes: 0 };
    return { status, config, behaviour, timer: undefined, ended: Promise.withResolvers(), stats };
  }

  #failStart(record: ContainerRecord, message: string): never {
    this.#world.finish(record, 128, 'StartError', message);
    throw new CriError('StartError', message);
  }

  #scheduleExit(record: ContainerRecord): void {
    const { exitAfterMs, exitCode = 0, reason } = record.behaviour;
    if (exitAfterMs === undefined) return;
    record.timer = this.#clock.setTimeout(() => this.#world.end(record, exitCode, reason), exitAfterMs);
  }

  async #endOrTimeout(record: ContainerRecord, timeoutMs: number): Promise<void> {
    if (timeoutMs === Number.POSITIVE_INFINITY) return record.ended.promise;
    const timeout = Promise.withResolvers<void>();
    const timer = this.#clock.setTimeout(timeout.resolve, timeoutMs);
    await Promise.race([record.ended.promise, timeout.promise]);
    timer.cancel();
  }
}

function sandboxKey({ metadata }: PodSandboxConfig): string {
  return `${metadata.uid}-${metadata.attempt}`;
}

export function createFakeRuntime(options: FakeRuntimeOptions): FakeRuntime {
  return new FakeRuntime(options);
}
