import { rmSync } from 'node:fs';
import { settleAll } from '@podling/shared/util';
import type { Clock, Logger } from '@podling/shared/util';
import { CriError } from '../cri.ts';
import type { Container, ContainerConfig, ContainerFilter, ContainerStatus, LinuxResources, PodSandboxConfig } from '../cri.ts';
import { matchesContainer } from '../filters.ts';
import { cgroupFeatures, readOomKills } from './cgroup.ts';
import { ContainerCreation } from './container-creation.ts';
import { ContainerLogs } from './container-logs.ts';
import { containerOf, containerState, containerStatus, exitOf } from './container-record.ts';
import type { ContainerRecord } from './container-record.ts';
import { hasNoAnswer, isAlreadyExists, plainMessage } from './containerd-client.ts';
import type { ContainerdClient } from './containerd-client.ts';
import type { ContainerdContainer, SnapshotMount, Task } from './containerd-types.ts';
import type { TaskExit } from './event-hub.ts';
import { notRunning } from './exec-process.ts';
import type { Execs } from './execs.ts';
import { fifoPaths } from './fifos.ts';
import type { Fifos } from './fifos.ts';
import type { ImageFiles } from './image-files.ts';
import type { ImageStore } from './image-store.ts';
import { labelKeys, listFilter } from './labels.ts';
import { resourcesUpdate } from './linux-resources.ts';
import type { LogClient } from './log-client.ts';
import type { RecordStore } from './record-store.ts';
import type { SandboxService } from './sandbox-service.ts';
import type { SeccompProfiles } from './seccomp.ts';
import { isAlive, SIGKILL } from './tasks.ts';
import type { Tasks } from './tasks.ts';
import { unlessStuck } from './unless-stuck.ts';

export interface ContainerServiceOptions {
  client: ContainerdClient;
  tasks: Tasks;
  images: ImageStore;
  imageFiles: ImageFiles;
  seccompProfiles: SeccompProfiles;
  sandboxes: SandboxService;
  records: RecordStore<ContainerRecord>;
  fifos: Fifos;
  logs: LogClient;
  execs: Execs;
  clock: Clock;
  logger: Logger;
  /** A container has ended without a process of its own to say so. */
  onStartFailed: (record: ContainerRecord) => void;
}

const START_FAILED_EXIT_CODE = 128;
const KILL_TIMEOUT_MS = 20_000;
const REAP_DELAY_MS = 100;

/**
 * App containers over containerd's API.
 *
 *   CREATED ──start──► RUNNING ──exit──► EXITED          task:   none → RUNNING → STOPPED → deleted
 *      └──start fails (128, StartError)────▲             record: made → startedAt → exit
 *
 * containerd's task is the truth while there is one; its end is written to the record before the task is deleted.
 */
export class ContainerService {
  readonly logs: ContainerLogs;
  readonly #options: ContainerServiceOptions;
  readonly #creation: ContainerCreation;
  readonly #removing = new Set<string>();
  readonly #reaping = new Map<string, Promise<void>>();
  /** Nothing is left of their tasks. */
  readonly #reaped = new Set<string>();

  constructor(options: ContainerServiceOptions) {
    this.#options = options;
    this.#creation = new ContainerCreation(options);
    this.logs = new ContainerLogs(options);
  }

  async create(sandboxId: string, config: ContainerConfig, sandboxConfig: PodSandboxConfig): Promise<string> {
    return this.#creation.create(this.#options.sandboxes.ground(sandboxId), config, sandboxConfig);
  }

  async start(id: string): Promise<void> {
    const { tasks, sandboxes } = this.#options;
    const record = this.#known(id);
    sandboxes.ground(record.podSandboxId);
    const fresh = this.#creation.takeFresh(id);
    const [task, mounts] = fresh === undefined ? await Promise.all([tasks.get(id), this.#creation.mounts(id)]) : [undefined, fresh];
    const state = containerState(record, task);
    if (state !== 'CONTAINER_CREATED') throw new CriError('InvalidArgument', `container ${id} is in state ${state}`);
    await this.logs.open(record);
    try {
      await this.#createTask(record, mounts);
      // Before the process runs: its end may be recorded at any time from then on.
      this.#write({ ...record, startedAtMs: this.#options.clock.now() });
      await tasks.start(id);
    } catch (error) {
      await this.#startFailed(id, error);
    }
  }

  async stop(id: string, timeoutSeconds: number): Promise<void> {
    const { tasks } = this.#options;
    const record = this.#options.records.get(id);
    if (record === undefined || this.#reaped.has(id) || !isAlive(await tasks.get(id))) return;
    if (timeoutSeconds > 0) {
      await tasks.kill(id, record.stopSignal);
      if (await tasks.waitForExit(id, timeoutSeconds * 1000)) return this.reap(id);
    }
    await this.#kill(id);
  }

  async remove(id: string): Promise<void> {
    if (this.#options.records.get(id) === undefined) return this.#removeUnrecorded(id);
    this.#removing.add(id);
    try {
      await this.#end(id);
      await this.logs.close(id);
      await this.#creation.undo(id);
      this.#options.execs.forget(id);
      this.logs.forget(id);
      this.#reaped.delete(id);
    } finally {
      this.#removing.delete(id);
    }
  }

  async status(id: string): Promise<ContainerStatus> {
    const record = this.#known(id);
    // What is said of an end does not change, and a shim that is just taking the task down answers late.
    const task = record.exit === undefined ? await this.#options.tasks.get(id) : undefined;
    return this.#statusOf(this.#options.records.get(id) ?? record, task);
  }

  async list(filter: ContainerFilter = {}): Promise<Container[]> {
    const { id, labelSelector, podSandboxId } = filter;
    const sandbox = podSandboxId === undefined ? {} : { [labelKeys.sandboxId]: podSandboxId };
    const containers = await this.#containers(listFilter('container', id, { ...labelSelector, ...sandbox }));
    const open = containers.filter((container) => this.#options.records.get(container.id)?.exit === undefined);
    const tasks = await this.#options.tasks.of(open.map((container) => container.id));
    const records = containers.map((container) => this.#options.records.get(container.id) ?? unrecorded(container));
    return records.map((record) => containerOf(record, tasks.get(record.id))).filter((item) => matchesContainer(item, filter));
  }

  isRemoving(id: string): boolean {
    return this.#removing.has(id);
  }

  /** The whole is set each time: what runc remembers of a container is then whole as well. */
  async updateResources(id: string, update: LinuxResources): Promise<void> {
    const { tasks } = this.#options;
    const before = this.#known(id);
    if ((await tasks.get(id))?.status !== 'RUNNING') throw notRunning(id);
    const resources = { ...before.resources, ...update };
    try {
      await tasks.update(id, resourcesUpdate(resources, cgroupFeatures()));
    } catch (error) {
      if (hasNoAnswer(error)) throw error;
      throw new CriError('InvalidArgument', plainMessage(error), { cause: error });
    }
    this.#write({ ...this.#known(id), resources });
  }

  async reopenLog(id: string): Promise<void> {
    this.#known(id);
    await this.logs.reopen(id);
  }

  containersOf(sandboxId: string): string[] {
    return this.#options.records.values().filter((record) => record.podSandboxId === sandboxId).map(({ id }) => id);
  }

  /** Without grace. */
  async stopAll(sandboxId: string): Promise<void> {
    await Promise.all(this.containersOf(sandboxId).map((id) => this.stop(id, 0)));
  }

  /** Records the end of a stopped task and deletes it. Any number of callers at once is fine. */
  reap(id: string): Promise<void> {
    const running = this.#reaping.get(id);
    if (running !== undefined) return running;
    const reaping = this.#reap(id).finally(() => this.#reaping.delete(id));
    this.#reaping.set(id, reaping);
    return reaping;
  }

  sandboxOf(id: string): string | undefined {
    return this.#options.records.get(id)?.podSandboxId;
  }

  /**
   * containerd has told of the end of a process. It is on record when this returns, and reaped when this resolves: a
   * little later, since that starts programs, and whoever waits for the end is told first.
   */
  async ended(id: string, exit: TaskExit): Promise<void> {
    const { records, tasks, clock } = this.#options;
    const record = records.get(id);
    // Of a task that was made for nothing, containerd is asked.
    if (record !== undefined && record.exit === undefined && tasks.wasRunning(id, exit.pid)) {
      this.#write({ ...record, exit: exitOf(exit, readOomKills(record.cgroupsPath), clock.now()) });
      await this.logs.finish(record);
      await clock.sleep(REAP_DELAY_MS);
    }
    await this.reap(id);
  }

  /** After a start or a lost connection: reaps what ended meanwhile, removes what was left half done. */
  async recover(): Promise<void> {
    // Looked at before the lists: what is made from now on is nobody's remains.
    const { records, logger } = this.#options;
    const made = records.values().filter(({ id }) => !this.#creation.isMaking(id));
    // A loss of power takes a record that was just written; the snapshot of that name nobody would ever clear away.
    const strays = records.strays().filter((id) => !this.#creation.isMaking(id));
    const [containers, tasks] = await Promise.all([this.#containers(), this.#options.tasks.list()]);
    const ids = new Set(containers.map(({ id }) => id));
    const ended = made.filter(({ id }) => tasks.get(id)?.status === 'STOPPED');
    await settleAll(ended.map(({ id }) => unlessStuck(id, this.reap(id), logger)));
    const gone = [...made.map(({ id }) => id), ...strays].filter((id) => !ids.has(id));
    const lost = containers.filter(({ id }) => !records.get(id) && !this.#creation.isMaking(id) && tasks.get(id)?.status === 'CREATED');
    await settleAll([
      ...gone.map((id) => unlessStuck(id, this.#creation.undo(id), logger)),
      ...lost.map(({ id }) => unlessStuck(id, this.#removeUnrecorded(id), logger)),
    ]);
    await this.#options.execs.recover();
  }

  async #createTask(record: ContainerRecord, mounts: SnapshotMount[]): Promise<void> {
    const { tasks, records } = this.#options;
    const paths = fifoPaths(records.folder(record.id));
    const { stdin, tty } = record.config;
    const stdio = { rootfs: mounts, stdin: stdin ? paths.stdin : '', stdout: paths.stdout, stderr: tty ? '' : paths.stderr, terminal: tty };
    try {
      await tasks.create(record.id, stdio);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      // A kubelet was killed between creating the task and starting it.
      await tasks.kill(record.id, SIGKILL);
      await tasks.delete(record.id);
      await tasks.create(record.id, stdio);
    }
  }

  /** A runtime that cannot be asked is no verdict on the container; anything else is its end. */
  async #startFailed(id: string, error: unknown): Promise<never> {
    if (hasNoAnswer(error)) throw error;
    const { tasks, clock, onStartFailed } = this.#options;
    await tasks.kill(id, SIGKILL).catch(() => {});
    await tasks.delete(id).catch(() => {});
    const nowMs = clock.now();
    const message = plainMessage(error);
    const exit = { exitCode: START_FAILED_EXIT_CODE, reason: 'StartError', message, finishedAtMs: nowMs };
    const record = { ...this.#known(id), startedAtMs: nowMs, exit };
    this.#write(record);
    await this.logs.close(id);
    onStartFailed(record);
    throw new CriError('StartError', message, { cause: error });
  }

  async #kill(id: string): Promise<void> {
    const { tasks } = this.#options;
    await tasks.kill(id, SIGKILL);
    if (!(await tasks.waitForExit(id, KILL_TIMEOUT_MS))) throw new CriError('DeadlineExceeded', `container ${id} does not end`);
    await this.reap(id);
  }

  async #reap(id: string): Promise<void> {
    if (this.#reaped.has(id)) return;
    const { tasks, records, clock } = this.#options;
    const record = records.get(id);
    const task = await tasks.get(id);
    if (record === undefined || task?.status !== 'STOPPED') return;
    // The cgroup goes with the task, and with it the count of OOM kills.
    if (record.exit === undefined) this.#write({ ...record, exit: exitOf(task, readOomKills(record.cgroupsPath), clock.now()) });
    await this.logs.finish(record);
    await tasks.delete(id);
    this.logs.forget(id);
    for (const path of Object.values(fifoPaths(records.folder(id)))) rmSync(path, { force: true });
    this.#reaped.add(id);
  }

  /** The end of what is to be removed: without a log process its last words are lost, but it goes. */
  async #end(id: string): Promise<void> {
    const { tasks, logger } = this.#options;
    if (this.#reaped.has(id)) return;
    try {
      if (isAlive(await tasks.get(id))) await this.#kill(id);
      else await this.reap(id);
    } catch (error) {
      if (!hasNoAnswer(error)) throw error;
      logger.warn({ err: error, container: id }, 'log not read to its end');
      await tasks.delete(id);
    }
  }

  #statusOf(record: ContainerRecord, task: Task | undefined): ContainerStatus {
    if (record.exit !== undefined || task?.status !== 'STOPPED') return containerStatus(record, task, record.exit);
    return containerStatus(record, task, exitOf(task, readOomKills(record.cgroupsPath), this.#options.clock.now()));
  }

  /** A container of ours whose record was lost: removed by what containerd knows. */
  async #removeUnrecorded(id: string): Promise<void> {
    const { tasks } = this.#options;
    if ((await this.#containers(listFilter('container', id))).length === 0) return;
    await tasks.kill(id, SIGKILL);
    await tasks.waitForExit(id, KILL_TIMEOUT_MS);
    await tasks.delete(id);
    await this.#creation.undo(id);
  }

  async #containers(filter = listFilter('container')): Promise<ContainerdContainer[]> {
    const filters = [filter];
    const { containers } = await this.#options.client.call<{ containers: ContainerdContainer[] }>('containers', 'list', { filters });
    return containers;
  }

  #known(id: string): ContainerRecord {
    const record = this.#options.records.get(id);
    if (record === undefined) throw new CriError('NotFound', `container ${id} not found`);
    return record;
  }

  #write(record: ContainerRecord): void {
    this.#options.records.write(record.id, record);
  }
}

function unrecorded(container: ContainerdContainer): ContainerRecord {
  const { labels } = container;
  const metadata = { name: labels[labelKeys.containerName] ?? '', attempt: Number(labels[labelKeys.attempt] ?? 0) };
  return {
    id: container.id,
    podSandboxId: labels[labelKeys.sandboxId] ?? '',
    config: { metadata, image: container.image, labels, annotations: {}, tty: false, stdin: false },
    imageId: '', logPath: '', cgroupsPath: '', stopSignal: SIGKILL, createdAtMs: 0, startedAtMs: 1,
  };
}
