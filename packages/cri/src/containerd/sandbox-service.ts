import { rmSync } from 'node:fs';
import { hostname as nodeHostname } from 'node:os';
import { identify } from '@podling/shared/process';
import { settleAll } from '@podling/shared/util';
import type { Clock, Logger } from '@podling/shared/util';
import { CriError } from '../cri.ts';
import type { CriErrorCode, PodSandbox, PodSandboxConfig, PodSandboxFilter, PodSandboxMetadata, PodSandboxStatus } from '../cri.ts';
import { matchesSandbox } from '../filters.ts';
import type { AddressLeases } from './address-leases.ts';
import type { ContainerdClient } from './containerd-client.ts';
import { ignoreNotFound } from './containerd-client.ts';
import { timestampMs } from './containerd-types.ts';
import type { ContainerdContainer, Task } from './containerd-types.ts';
import { callerLabels, labelFilter, labelKeys, listFilter, sandboxLabels, sandboxMetadata, storableLabels } from './labels.ts';
import { lastMessage } from './nerdctl-cli.ts';
import type { NerdctlCli } from './nerdctl-cli.ts';
import type { NerdctlStore } from './nerdctl-store.ts';
import type { SandboxGround } from './oci-spec.ts';
import type { PauseContent, PauseRoot } from './pause-root.ts';
import { PauseStarts } from './pause-starts.ts';
import { hasAddress } from './process-table.ts';
import type { RecordStore } from './record-store.ts';
import { mountShm, sandboxFiles, unmountShm, writeSandboxFiles } from './sandbox-files.ts';
import type { Shims } from './shims.ts';
import { sandboxSysctls } from './sysctls.ts';
import { isAlive, processOf, SIGKILL } from './tasks.ts';
import type { Tasks } from './tasks.ts';
import { unlessStuck } from './unless-stuck.ts';

/** Written when the sandbox is ready: one without a record was never finished. */
export interface SandboxRecord {
  id: string;
  config: PodSandboxConfig;
  createdAtMs: number;
  ip: string;
  pid: number;
  /** Tells the pause process from a later one with the same PID. */
  pidStartTime: string;
}

export interface SandboxServiceOptions {
  client: ContainerdClient;
  tasks: Tasks;
  nerdctl: NerdctlCli;
  store: NerdctlStore;
  records: RecordStore<SandboxRecord>;
  leases: AddressLeases;
  shims: Shims;
  network: string;
  pauseImage: string;
  pauseRoot: PauseRoot;
  /** Path of the seccomp profile of pause processes that have no other. */
  pauseSeccomp: string;
  clock: Clock;
  logger: Logger;
}

const EXIT_TIMEOUT_MS = 10_000;
const POD_UID = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}$/;

/**
 * Pod sandboxes: pause containers that nerdctl starts on the pod network. containerd's task says whether one runs, our
 * record (folder `<uid>-<attempt>`, with the files that containers mount) says what it was made of.
 */
export class SandboxService {
  readonly #options: SandboxServiceOptions;
  readonly #starting = new Set<string>();
  readonly #pauses = new PauseStarts();

  constructor(options: SandboxServiceOptions) {
    this.#options = options;
  }

  /** `meanwhile` is called when nerdctl is at work and there is time for other things. */
  async run(config: PodSandboxConfig, meanwhile: () => void): Promise<string> {
    const key = sandboxKey(config);
    if (!POD_UID.test(key)) throw new CriError('InvalidArgument', `not a pod uid: ${key}`);
    if (this.#starting.has(key)) throw new CriError('Unknown', `sandbox ${key} is being started already`);
    this.#starting.add(key);
    try {
      return await this.#run(key, config, meanwhile);
    } finally {
      this.#starting.delete(key);
    }
  }

  async #run(key: string, config: PodSandboxConfig, meanwhile: () => void): Promise<string> {
    const [content] = await Promise.all([this.#options.pauseRoot.content(), this.#removeUnfinished(key)]);
    const start = this.#pauses.start(containerName(key), () => this.#start(key, config, content), (id, error) => this.#startFailedLate(id, error));
    meanwhile();
    const [started, mounted] = await Promise.allSettled([start, mountShm(this.#folder(key))]);
    try {
      if (started.status === 'rejected') throw started.reason;
      if (mounted.status === 'rejected') throw mounted.reason;
      await this.#finish(key, config, started.value);
      return started.value;
    } catch (error) {
      if (started.status === 'fulfilled') await this.#pauses.settled(started.value);
      const clearing = this.#removeUnfinished(key).then(() => this.#endUnknownShims());
      await clearing.catch((err: unknown) => this.#options.logger.warn({ err, key }, 'sandbox left half done'));
      throw error;
    }
  }

  /** The pause process ends and the IP goes back; the sandbox stays listed until `remove`. */
  async stop(id: string): Promise<void> {
    await this.#pauses.settled(id);
    await this.#end(id);
  }

  async #end(id: string): Promise<void> {
    const { tasks } = this.#options;
    await tasks.kill(id, SIGKILL);
    await tasks.waitForExit(id, EXIT_TIMEOUT_MS);
    // Deleting the task runs nerdctl's hook, which takes the network down.
    await tasks.delete(id);
    const record = this.#record(id);
    if (record !== undefined) await unmountShm(this.#folder(sandboxKey(record.config)));
  }

  async remove(id: string): Promise<void> {
    const { store, records } = this.#options;
    await this.#pauses.settled(id);
    const record = this.#record(id);
    const labels = (await this.#container(id))?.labels;
    const name = labels?.['nerdctl/name'];
    await this.#removeContainer(id);
    const uid = record?.config.metadata.uid ?? labels?.[labelKeys.podUid] ?? '';
    if (uid !== '') await this.#removeAbandoned(await this.#containers(labelFilter({ [labelKeys.podUid]: uid })));
    if (name !== undefined) store.release(name, id);
    if (record === undefined) return;
    const key = sandboxKey(record.config);
    await unmountShm(this.#folder(key));
    records.remove(key);
  }

  async status(id: string): Promise<PodSandboxStatus> {
    const [container, task] = await Promise.all([this.#container(id), this.#options.tasks.get(id)]);
    if (container === undefined) throw new CriError('NotFound', `sandbox ${id} not found`);
    return this.#statusOf(container, task);
  }

  async list(filter: PodSandboxFilter = {}): Promise<PodSandbox[]> {
    const containers = await this.#containers(listFilter('sandbox', filter.id, filter.labelSelector));
    const tasks = await this.#options.tasks.of(containers.map(({ id }) => id));
    return containers.map((container) => this.#statusOf(container, tasks.get(container.id))).filter((sandbox) => matchesSandbox(sandbox, filter));
  }

  /** What a container needs to join. Fails with `InvalidArgument` when the sandbox is not ready. */
  async ground(id: string): Promise<SandboxGround> {
    const record = this.#record(id);
    if (record === undefined) throw new CriError('NotFound', `sandbox ${id} not found`);
    const task = await this.#options.tasks.get(id);
    if (!isReady(record, task)) throw new CriError('InvalidArgument', `sandbox ${id} is not ready`);
    const { config } = record;
    const hostname = hasNodeNetwork(config) ? nodeHostname() : config.hostname;
    const nodeIpc = config.namespaces?.ipc === 'NODE';
    const files = sandboxFiles(this.#folder(sandboxKey(config)));
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

  /** A task was made: perhaps that of a sandbox that is being started, which can be used from now on. */
  async taskMade(id: string): Promise<void> {
    if (!this.#pauses.isWaiting()) return;
    // Without this it is nerdctl's end that tells.
    const container = await this.#container(id).catch(() => undefined);
    if (container !== undefined) this.#pauses.taskMade(container.labels['nerdctl/name'] ?? '', id);
  }

  /** After a start: reaps what ended meanwhile and clears what was left half done. */
  async recover(): Promise<void> {
    const { tasks, records, store, clock, logger } = this.#options;
    // Looked at before the lists: what is made from now on is nobody's remains.
    const made = records.values().filter((record) => !this.#starting.has(sandboxKey(record.config)));
    const strays = records.strays().filter((key) => !this.#starting.has(key));
    const [containers, running] = await Promise.all([this.#containers(), tasks.list()]);
    const ids = new Set(containers.map(({ id }) => id));
    const ended = containers.filter(({ id }) => running.get(id)?.status === 'STOPPED');
    await settleAll(ended.map(({ id }) => unlessStuck(id, tasks.delete(id), logger)));
    await this.#startCreated(made.filter(({ id }) => running.get(id)?.status === 'CREATED'));
    const orphans = made.filter((record) => !ids.has(record.id)).map((record) => sandboxKey(record.config));
    for (const key of [...orphans, ...strays].filter((candidate) => !this.#starting.has(candidate))) {
      await unmountShm(this.#folder(key));
      records.remove(key);
    }
    store.sweep(ids, clock.now(), EXIT_TIMEOUT_MS * 6);
    await this.#removeAbandoned(containers);
    await this.#endUnknownShims();
    await this.#releaseAddresses();
  }

  /** In use already when the nerdctl that would have started their tasks was killed. */
  async #startCreated(records: readonly SandboxRecord[]): Promise<void> {
    const { tasks, nerdctl, logger } = this.#options;
    if (records.length === 0) return;
    const underWay = nerdctl.running();
    for (const { id, config } of records) {
      if (!this.#pauses.isSettled(id) || underWay.has(containerName(sandboxKey(config)))) continue;
      await tasks.start(id).catch((err: unknown) => logger.warn({ err, sandbox: id }, 'pause process not started'));
    }
  }

  /** The task is started without nerdctl. If it cannot be, all is as when the pause process dies; without containerd `recover` sees to it. */
  async #startFailedLate(id: string, error: unknown): Promise<void> {
    const { tasks, logger } = this.#options;
    logger.warn({ err: error, sandbox: id }, 'nerdctl failed after the sandbox was handed out');
    try {
      if ((await tasks.get(id))?.status === 'CREATED') await tasks.start(id).catch((err: unknown) => logger.warn({ err, sandbox: id }, 'pause process not started'));
      if ((await tasks.get(id))?.status !== 'RUNNING') await this.#end(id);
    } catch (err) {
      logger.warn({ err, sandbox: id }, 'sandbox not stopped');
    }
  }

  /** Of these, the sandboxes that never ran and that nobody is making: their tasks are only created, or not even that. */
  async #removeAbandoned(containers: readonly ContainerdContainer[]): Promise<void> {
    const { nerdctl, tasks, store, logger } = this.#options;
    const unfinished = containers.filter(({ id, labels }) => this.#record(id) === undefined && labels[labelKeys.kind] === 'sandbox');
    if (unfinished.length === 0) return;
    const [running, underWay] = [await tasks.list(), nerdctl.running()];
    for (const { id, labels } of unfinished) {
      const status = running.get(id)?.status;
      const name = labels['nerdctl/name'] ?? '';
      const isMade = this.#starting.has(sandboxKeyOf(sandboxMetadata(labels))) || underWay.has(name);
      if (isMade || this.#record(id) !== undefined || (status !== undefined && status !== 'CREATED')) continue;
      logger.info({ sandbox: id }, 'removing a sandbox that was never finished');
      await this.#removeContainer(id).then(() => store.release(name, id)).catch((err: unknown) => logger.warn({ err, sandbox: id }, 'sandbox left half done'));
    }
  }

  /** With its task in any state, its address and its shim, even one that containerd has lost. */
  async #removeContainer(id: string): Promise<void> {
    const { client, tasks, nerdctl, store, leases, shims } = this.#options;
    const task = await tasks.get(id);
    if (isAlive(task)) {
      await tasks.kill(id, SIGKILL);
      await tasks.waitForExit(id, EXIT_TIMEOUT_MS);
    }
    // Deleting the task runs nerdctl's hook, which takes the network down.
    if (task !== undefined) await tasks.delete(id);
    // What has a snapshot may have volumes, of which only nerdctl knows; the rest is quicker done without it.
    if ((await this.#container(id))?.snapshotKey) await nerdctl.remove(id);
    else await ignoreNotFound(client.call('containers', 'delete', { id }));
    store.forget(id);
    await shims.end(id);
    leases.release(new Set([id]));
  }

  /** Shims are looked at before the containers: containerd knows a container before it makes a bundle and a shim for it. */
  async #endUnknownShims(): Promise<void> {
    const { shims, leases, logger } = this.#options;
    const seen = shims.ids();
    if (seen.size === 0) return;
    const unknown = seen.difference(await this.#knownIds());
    await Promise.all([...unknown].map((id) => shims.end(id).catch((err: unknown) => logger.warn({ err, sandbox: id }, 'shim not ended'))));
    leases.release(unknown);
  }

  async #knownIds(): Promise<Set<string>> {
    const { containers } = await this.#options.client.call<{ containers: ContainerdContainer[] }>('containers', 'list', { filters: [] });
    return new Set(containers.map(({ id }) => id));
  }

  /** Gives addresses back whose containers containerd does not know. A container is there before it has an address. */
  async #releaseAddresses(): Promise<void> {
    const { leases } = this.#options;
    const holders = leases.holders();
    if (holders.size > 0) leases.release(holders.difference(await this.#knownIds()));
  }

  async #start(key: string, config: PodSandboxConfig, content: PauseContent | undefined): Promise<string> {
    const { nerdctl, pauseImage, pauseSeccomp, network } = this.#options;
    const sysctls = sandboxSysctls(config);
    try {
      return await nerdctl.run({
        name: containerName(key),
        image: pauseImage,
        content,
        seccomp: seccompOf(config, pauseSeccomp),
        network,
        hostname: config.hostname,
        labels: storableLabels({ ...config.labels, ...sandboxLabels(config.metadata) }),
        cgroupParent: config.cgroupParent,
        portMappings: config.portMappings,
        nodeNetwork: hasNodeNetwork(config),
        sysctls,
      });
    } catch (error) {
      const message = lastMessage(error);
      const code = startFailureCode(message);
      throw new CriError(code, `failed to run sandbox: ${message}`, { cause: error });
    }
  }

  async #finish(key: string, config: PodSandboxConfig, id: string): Promise<void> {
    const { tasks, records, clock } = this.#options;
    const task = await tasks.get(id);
    if (!isAlive(task)) throw new CriError('Unknown', `the pause process of sandbox ${id} ended at once`);
    const pid = processOf(task);
    const ip = hasNodeNetwork(config) ? '' : this.#address(id, pid);
    writeSandboxFiles(this.#folder(key), config, ip);
    records.write(key, { id, config, ip, pid, pidStartTime: identify(pid)?.startTime ?? '', createdAtMs: clock.now() });
  }

  /** As nerdctl noted it, checked once against the network namespace. */
  #address(id: string, pid: number): string {
    const ip = this.#options.store.ip(id, this.#options.network);
    if (ip === undefined) throw new CriError('NetworkError', `sandbox ${id} has no address in network ${this.#options.network}`);
    if (!hasAddress(pid, ip)) throw new CriError('NetworkError', `address ${ip} is not in the network namespace of sandbox ${id}`);
    return ip;
  }

  /** Whatever an earlier try with this name left: container, reserved name, record, mount. */
  async #removeUnfinished(key: string): Promise<void> {
    const { store, records } = this.#options;
    const name = containerName(key);
    for (const { id } of await this.#containers(labelFilter({ 'nerdctl/name': name }))) {
      if (records.get(key)?.id === id) throw new CriError('Unknown', `sandbox ${key} exists already as ${id}`);
      await this.#removeContainer(id);
      store.forget(id);
    }
    const owner = store.owner(name);
    if (owner !== undefined) store.release(name, owner);
    await unmountShm(this.#folder(key));
    rmSync(this.#folder(key), { recursive: true, force: true });
    records.remove(key);
  }

  #statusOf(container: ContainerdContainer, task: Task | undefined): PodSandboxStatus {
    const record = this.#record(container.id);
    const ready = record !== undefined && isReady(record, task);
    return {
      id: container.id,
      metadata: record?.config.metadata ?? sandboxMetadata(container.labels),
      state: ready ? 'SANDBOX_READY' : 'SANDBOX_NOTREADY',
      createdAtMs: record?.createdAtMs ?? timestampMs(container.createdAt),
      labels: record?.config.labels ?? callerLabels(container.labels),
      annotations: record?.config.annotations ?? {},
      ip: ready ? record.ip : '',
      network: record?.config.namespaces?.network ?? 'POD',
      pid: ready ? record.pid : 0,
    };
  }

  async #containers(filter = listFilter('sandbox')): Promise<ContainerdContainer[]> {
    const { containers } = await this.#options.client.call<{ containers: ContainerdContainer[] }>('containers', 'list', { filters: [filter] });
    return containers;
  }

  async #container(id: string): Promise<ContainerdContainer | undefined> {
    let container: ContainerdContainer | undefined;
    const asked = this.#options.client.call<{ container: ContainerdContainer }>('containers', 'get', { id });
    await ignoreNotFound(asked.then((response) => (container = response.container)));
    return container?.labels[labelKeys.kind] === 'sandbox' ? container : undefined;
  }

  #record(id: string): SandboxRecord | undefined {
    return this.#options.records.values().find((record) => record.id === id);
  }

  #folder(key: string): string {
    return this.#options.records.folder(key);
  }
}

function hasNodeNetwork({ namespaces }: PodSandboxConfig): boolean {
  return namespaces?.network === 'NODE';
}

/** runc and the CNI plugins tell it in words only. */
function startFailureCode(message: string): CriErrorCode {
  if (/sysctl|\/proc\/sys\//.test(message)) return 'InvalidArgument';
  return /network|cni|plugin type=|failed to (?:set up|create) .*netns/i.test(message) ? 'NetworkError' : 'Unknown';
}

function isReady(record: SandboxRecord, task: Task | undefined): boolean {
  const isSame = task?.status === 'UNKNOWN' || task?.pid === record.pid;
  return isAlive(task) && isSame && identify(record.pid)?.startTime === record.pidStartTime;
}

function sandboxKey({ metadata }: PodSandboxConfig): string {
  return sandboxKeyOf(metadata);
}

function sandboxKeyOf({ uid, attempt }: PodSandboxMetadata): string {
  return `${uid}-${attempt}`;
}

function containerName(key: string): string {
  return `${key}-pause`;
}

function seccompOf({ seccomp }: PodSandboxConfig, byDefault: string): string {
  if (seccomp?.type === 'Localhost') return seccomp.localhostRef;
  return seccomp?.type === 'Unconfined' ? 'unconfined' : byDefault;
}
