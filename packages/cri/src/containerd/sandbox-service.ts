import { existsSync, rmSync } from 'node:fs';
import { hostname as nodeHostname } from 'node:os';
import { identify } from '@podling/shared/process';
import type { Clock, Logger } from '@podling/shared/util';
import { CriError } from '../cri.ts';
import type { PodSandbox, PodSandboxConfig, PodSandboxFilter, PodSandboxMetadata, PodSandboxStatus } from '../cri.ts';
import { matchesSandbox } from '../filters.ts';
import { timestampMs } from './containerd-types.ts';
import type { ContainerdContainer } from './containerd-types.ts';
import { callerLabels, labelFilter, labelKeys, listFilter, sandboxLabels, sandboxMetadata, storableLabels } from './labels.ts';
import { lastMessage } from './nerdctl-cli.ts';
import type { PauseContent } from './nerdctl-cli.ts';
import type { SandboxGround } from './oci-spec.ts';
import type { PauseRoot } from './pause-root.ts';
import { PauseStarts } from './pause-starts.ts';
import type { StartedPause } from './pause-starts.ts';
import { hasAddress } from './process-table.ts';
import type { PortlessNetwork } from './portless-network.ts';
import type { RecordStore } from './record-store.ts';
import { SandboxContainers } from './sandbox-containers.ts';
import type { SandboxContainersOptions } from './sandbox-containers.ts';
import { mountShm, sandboxFiles, unmountShm, writeSandboxFiles } from './sandbox-files.ts';
import { bootId, hasNodeNetwork, isReady, pauseName, sandboxKey } from './sandbox-record.ts';
import type { SandboxRecord } from './sandbox-record.ts';
import { SandboxRecovery } from './sandbox-recovery.ts';
import { sandboxStartFailure } from './sandbox-start-failure.ts';
import { sandboxSysctls } from './sysctls.ts';
import { isAlive, processOf } from './tasks.ts';

export interface SandboxServiceOptions extends SandboxContainersOptions {
  records: RecordStore<SandboxRecord>;
  network: string;
  cniConfDir: string;
  /** For sandboxes without host ports. */
  portless: PortlessNetwork;
  pauseImage: string;
  pauseRoot: PauseRoot;
  /** Path of the seccomp profile of pause processes that have no other. */
  pauseSeccomp: string;
  clock: Clock;
  logger: Logger;
}

const POD_UID = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}$/;

/**
 * Pod sandboxes: pause containers that nerdctl starts on the pod network. containerd's task says whether one runs, our
 * record (folder `<uid>-<attempt>`, with the files that containers mount) says what it was made of.
 */
export class SandboxService {
  readonly #options: SandboxServiceOptions;
  readonly #starting = new Set<string>();
  readonly #pauses = new PauseStarts();
  readonly #containers: SandboxContainers;
  readonly #recovery: SandboxRecovery;

  constructor(options: SandboxServiceOptions) {
    this.#options = options;
    const containers = new SandboxContainers(options);
    this.#containers = containers;
    this.#recovery = new SandboxRecovery({
      ...options, containers, isStarting: (key) => this.#starting.has(key), isSettled: (id) => this.#pauses.isSettled(id),
    });
  }

  async run(config: PodSandboxConfig): Promise<string> {
    const key = sandboxKey(config.metadata);
    if (!POD_UID.test(key)) throw new CriError('InvalidArgument', `not a pod uid: ${key}`);
    if (this.#starting.has(key)) throw new CriError('Unknown', `sandbox ${key} is being started already`);
    this.#starting.add(key);
    try {
      return await this.#run(key, config);
    } finally {
      this.#starting.delete(key);
    }
  }

  async #run(key: string, config: PodSandboxConfig): Promise<string> {
    const [content] = await Promise.all([this.#options.pauseRoot.content(), this.#hasTraces(key) ? this.#removeUnfinished(key) : undefined]);
    const spawned = Promise.withResolvers<void>();
    const start = this.#pauses.start(pauseName(key), () => this.#start(key, config, content, spawned.resolve), (id, error) => this.#recovery.startFailedLate(id, error));
    // A spawn holds up this process: nerdctl, which takes longest, comes first.
    await Promise.race([spawned.promise, start.catch(() => undefined)]);
    const [started, mounted] = await Promise.allSettled([start, mountShm(this.#folder(key))]);
    try {
      if (started.status === 'rejected') throw started.reason;
      if (mounted.status === 'rejected') throw mounted.reason;
      await this.#finish(key, config, started.value);
      return started.value.id;
    } catch (error) {
      if (started.status === 'fulfilled') await this.#pauses.settled(started.value.id);
      const clearing = this.#removeUnfinished(key).then(() => this.#recovery.endUnknownShims());
      await clearing.catch((err: unknown) => this.#options.logger.warn({ err, key }, 'sandbox left half done'));
      throw error;
    }
  }

  /** The pause process ends and the IP goes back; the sandbox stays listed until `remove`. */
  async stop(id: string): Promise<void> {
    await this.#pauses.settled(id);
    await this.#containers.end(id);
    const record = this.#record(id);
    if (record !== undefined) await unmountShm(this.#folder(sandboxKey(record.config.metadata)));
  }

  async remove(id: string): Promise<void> {
    const { store, records } = this.#options;
    await this.#pauses.settled(id);
    const record = this.#record(id);
    const labels = (await this.#containers.find(id))?.labels;
    const name = labels?.['nerdctl/name'];
    await this.#containers.remove(id);
    const uid = record?.config.metadata.uid ?? labels?.[labelKeys.podUid] ?? '';
    if (uid !== '') await this.#recovery.removeAbandoned(await this.#containers.list(labelFilter({ [labelKeys.podUid]: uid })));
    if (name !== undefined) store.release(name, id);
    if (record === undefined) return;
    const key = sandboxKey(record.config.metadata);
    await unmountShm(this.#folder(key));
    records.remove(key);
  }

  async status(id: string): Promise<PodSandboxStatus> {
    const record = this.#record(id);
    if (record !== undefined && isReady(record)) return recordStatus(record);
    const container = await this.#containers.find(id);
    if (container === undefined) throw new CriError('NotFound', `sandbox ${id} not found`);
    return this.#statusOf(container);
  }

  async list(filter: PodSandboxFilter = {}): Promise<PodSandbox[]> {
    const containers = await this.#containers.list(listFilter('sandbox', filter.id, filter.labelSelector));
    return containers.map((container) => this.#statusOf(container)).filter((sandbox) => matchesSandbox(sandbox, filter));
  }

  /** What a container needs to join. Fails with `InvalidArgument` when the sandbox is not ready. */
  ground(id: string): SandboxGround {
    const record = this.#record(id);
    if (record === undefined) throw new CriError('NotFound', `sandbox ${id} not found`);
    if (!isReady(record)) throw new CriError('InvalidArgument', `sandbox ${id} is not ready`);
    const { config } = record;
    const hostname = hasNodeNetwork(config) ? nodeHostname() : config.hostname;
    const nodeIpc = config.namespaces?.ipc === 'NODE';
    const files = sandboxFiles(this.#folder(sandboxKey(config.metadata)));
    return { id, pid: record.pid, hostname, nodeIpc, ...files, ...(nodeIpc ? { shmPath: '/dev/shm' } : {}) };
  }

  /** A pause process has ended by itself: gives its IP back. */
  async reap(id: string): Promise<void> {
    const task = await this.#options.tasks.get(id);
    if (task?.status === 'STOPPED') await this.#options.tasks.delete(id);
  }

  isKnown(id: string): boolean {
    return this.#record(id) !== undefined;
  }

  metadata(id: string): PodSandboxMetadata | undefined {
    return this.#record(id)?.config.metadata;
  }

  /** containerd has it: perhaps that of a sandbox that is being started. */
  containerMade({ id, labels }: ContainerdContainer): void {
    this.#pauses.containerMade(labels['nerdctl/name'] ?? '', id);
  }

  /** A task was made: perhaps that of a sandbox that is being started, which can be used from now on. */
  taskMade(id: string, pid: number): void {
    this.#pauses.taskMade(id, pid);
  }

  /** After a start: reaps what ended meanwhile and clears what was left half done. */
  recover(): Promise<void> {
    return this.#recovery.recover();
  }

  async #start(key: string, config: PodSandboxConfig, content: PauseContent | undefined, onSpawn: () => void): Promise<string> {
    const { client, nerdctl, pauseImage, pauseSeccomp, network, cniConfDir, portless } = this.#options;
    const sysctls = sandboxSysctls(config);
    try {
      return await nerdctl.run({
        name: pauseName(key),
        image: pauseImage,
        content,
        seccomp: seccompOf(config, pauseSeccomp),
        network,
        cniConfDir: config.portMappings.some(({ hostPort }) => hostPort > 0) ? cniConfDir : portless.confDir(),
        hostname: config.hostname,
        labels: storableLabels({ ...config.labels, ...sandboxLabels(config.metadata) }),
        cgroupParent: config.cgroupParent,
        portMappings: config.portMappings,
        nodeNetwork: hasNodeNetwork(config),
        sysctls,
      }, onSpawn);
    } catch (error) {
      throw sandboxStartFailure(lastMessage(error), { image: pauseImage, namespace: client.namespace, cause: error });
    }
  }

  async #finish(key: string, config: PodSandboxConfig, { id, pid: toldPid }: StartedPause): Promise<void> {
    const { records, clock } = this.#options;
    const pid = toldPid ?? (await this.#pidOf(id));
    const pidStartTime = identify(pid)?.startTime;
    if (pidStartTime === undefined) throw endedAtOnce(id);
    const ip = hasNodeNetwork(config) ? '' : this.#address(id, pid);
    writeSandboxFiles(this.#folder(key), config, ip);
    records.write(key, { id, config, ip, pid, pidStartTime, bootId, createdAtMs: clock.now() });
    this.#options.store.forgetAddress(id);
  }

  async #pidOf(id: string): Promise<number> {
    const task = await this.#options.tasks.get(id);
    if (!isAlive(task)) throw endedAtOnce(id);
    return processOf(task);
  }

  /** As nerdctl noted it, checked once against the network namespace. */
  #address(id: string, pid: number): string {
    const ip = this.#options.store.ip(id, this.#options.network);
    if (ip === undefined) throw new CriError('NetworkError', `sandbox ${id} has no address in network ${this.#options.network}`);
    if (!hasAddress(pid, ip)) throw new CriError('NetworkError', `address ${ip} is not in the network namespace of sandbox ${id}`);
    return ip;
  }

  /** nerdctl reserves a name before it makes anything. What has lost its name is abandoned, and in nobody's way. */
  #hasTraces(key: string): boolean {
    return this.#options.store.owner(pauseName(key)) !== undefined || existsSync(this.#folder(key));
  }

  /** Whatever an earlier try with this name left: container, reserved name, record, mount. */
  async #removeUnfinished(key: string): Promise<void> {
    const { store, records } = this.#options;
    const name = pauseName(key);
    for (const { id } of await this.#containers.list(labelFilter({ 'nerdctl/name': name }))) {
      if (records.get(key)?.id === id) throw new CriError('Unknown', `sandbox ${key} exists already as ${id}`);
      await this.#containers.remove(id);
      store.forget(id);
    }
    const owner = store.owner(name);
    if (owner !== undefined) store.release(name, owner);
    await unmountShm(this.#folder(key));
    rmSync(this.#folder(key), { recursive: true, force: true });
    records.remove(key);
  }

  /** One that was never finished is listed as well, so that it is removed. */
  #statusOf({ id, labels, createdAt }: ContainerdContainer): PodSandboxStatus {
    const record = this.#record(id);
    if (record !== undefined) return recordStatus(record);
    const metadata = sandboxMetadata(labels);
    const none = { state: 'SANDBOX_NOTREADY', annotations: {}, ip: '', network: 'POD', pid: 0 } as const;
    return { id, metadata, createdAtMs: timestampMs(createdAt), labels: callerLabels(labels), ...none };
  }

  #record(id: string): SandboxRecord | undefined {
    return this.#options.records.values().find((record) => record.id === id);
  }

  #folder(key: string): string {
    return this.#options.records.folder(key);
  }
}

function recordStatus(record: SandboxRecord): PodSandboxStatus {
  const { id, config: { metadata, labels, annotations, namespaces }, createdAtMs } = record;
  const state = isReady(record) ? { state: 'SANDBOX_READY', ip: record.ip, pid: record.pid } as const : { state: 'SANDBOX_NOTREADY', ip: '', pid: 0 } as const;
  return { id, metadata, labels, annotations, createdAtMs, network: namespaces?.network ?? 'POD', ...state };
}

function endedAtOnce(id: string): CriError {
  return new CriError('Unknown', `the pause process of sandbox ${id} ended at once`);
}

function seccompOf({ seccomp }: PodSandboxConfig, byDefault: string): string {
  if (seccomp?.type === 'Localhost') return seccomp.localhostRef;
  return seccomp?.type === 'Unconfined' ? 'unconfined' : byDefault;
}
