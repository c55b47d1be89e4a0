import { settleAll } from '@podling/shared/util';
import type { Clock, Logger } from '@podling/shared/util';
import type { AddressLeases } from './address-leases.ts';
import type { ContainerdContainer } from './containerd-types.ts';
import { labelKeys, sandboxMetadata } from './labels.ts';
import type { NerdctlCli } from './nerdctl-cli.ts';
import type { NerdctlStore } from './nerdctl-store.ts';
import type { RecordStore } from './record-store.ts';
import type { SandboxContainers } from './sandbox-containers.ts';
import { unmountShm } from './sandbox-files.ts';
import { pauseName, sandboxKey } from './sandbox-record.ts';
import type { SandboxRecord } from './sandbox-record.ts';
import type { Shims } from './shims.ts';
import { isAlive } from './tasks.ts';
import type { Tasks } from './tasks.ts';
import { unlessStuck } from './unless-stuck.ts';

export interface SandboxRecoveryOptions {
  containers: SandboxContainers;
  tasks: Tasks;
  nerdctl: Pick<NerdctlCli, 'running'>;
  store: NerdctlStore;
  records: RecordStore<SandboxRecord>;
  leases: AddressLeases;
  shims: Shims;
  clock: Clock;
  logger: Logger;
  /** Somebody is making the sandbox of this key right now. */
  isStarting: (key: string) => boolean;
  /** No nerdctl of ours is at work on the container. */
  isSettled: (id: string) => boolean;
}

/** nerdctl's folders of a container that is being made have no container yet. */
const MIN_REMAINS_AGE_MS = 60_000;

/** What a killed process, be it the kubelet, containerd or nerdctl, has left of sandboxes half done. */
export class SandboxRecovery {
  readonly #options: SandboxRecoveryOptions;

  constructor(options: SandboxRecoveryOptions) {
    this.#options = options;
  }

  /** After a start: reaps what ended meanwhile and clears what was left half done. */
  async recover(): Promise<void> {
    const { containers, tasks, records, store, clock, logger, isStarting } = this.#options;
    // Looked at before the lists: what is made from now on is nobody's remains.
    const made = records.values().filter((record) => !isStarting(keyOf(record)));
    const strays = records.strays().filter((key) => !isStarting(key));
    const [known, running] = await Promise.all([containers.list(), tasks.list()]);
    const ids = new Set(known.map(({ id }) => id));
    const ended = known.filter(({ id }) => running.get(id)?.status === 'STOPPED');
    await settleAll(ended.map(({ id }) => unlessStuck(id, tasks.delete(id), logger)));
    await this.#startCreated(made.filter(({ id }) => running.get(id)?.status === 'CREATED'));
    const orphans = made.filter((record) => !ids.has(record.id)).map(keyOf);
    for (const key of [...orphans, ...strays].filter((candidate) => !isStarting(candidate))) {
      await unmountShm(records.folder(key));
      records.remove(key);
    }
    store.sweep(ids, clock.now(), MIN_REMAINS_AGE_MS);
    await this.removeAbandoned(known);
    await this.endUnknownShims();
    await this.#releaseAddresses();
  }

  /**
   * nerdctl failed after the sandbox was handed out: the task is started without it. If it cannot be, all is as when the
   * pause process dies; a shim that is silent says nothing of it, and without containerd `recover` sees to it.
   */
  async startFailedLate(id: string, error: unknown): Promise<void> {
    const { containers, tasks, logger } = this.#options;
    logger.warn({ err: error, sandbox: id }, 'nerdctl failed after the sandbox was handed out');
    try {
      if ((await tasks.get(id))?.status === 'CREATED') await this.#startTask(id);
      const task = await tasks.get(id);
      if (!isAlive(task) || task.status === 'CREATED') await containers.end(id);
    } catch (err) {
      logger.warn({ err, sandbox: id }, 'sandbox not stopped');
    }
  }

  /** Of these, the sandboxes that never ran and that nobody is making: their tasks are only created, or not even that. */
  async removeAbandoned(candidates: readonly ContainerdContainer[]): Promise<void> {
    const { containers, nerdctl, tasks, store, logger, isStarting } = this.#options;
    const unfinished = candidates.filter(({ id, labels }) => !this.#isFinished(id) && labels[labelKeys.kind] === 'sandbox');
    if (unfinished.length === 0) return;
    const [running, underWay] = [await tasks.list(), nerdctl.running()];
    for (const { id, labels } of unfinished) {
      const status = running.get(id)?.status;
      const name = labels['nerdctl/name'] ?? '';
      const isMade = isStarting(sandboxKey(sandboxMetadata(labels))) || underWay.has(name);
      if (isMade || this.#isFinished(id) || (status !== undefined && status !== 'CREATED')) continue;
      logger.info({ sandbox: id }, 'removing a sandbox that was never finished');
      await containers.remove(id).then(() => store.release(name, id)).catch((err: unknown) => logger.warn({ err, sandbox: id }, 'sandbox left half done'));
    }
  }

  /** Shims are looked at before the containers: containerd knows a container before it makes a bundle and a shim for it. */
  async endUnknownShims(): Promise<void> {
    const { containers, shims, leases, logger } = this.#options;
    const seen = shims.ids();
    if (seen.size === 0) return;
    const unknown = seen.difference(await containers.knownIds());
    await Promise.all([...unknown].map((id) => shims.end(id).catch((err: unknown) => logger.warn({ err, sandbox: id }, 'shim not ended'))));
    leases.release(unknown);
  }

  /** In use already when the nerdctl that would have started their tasks was killed. */
  async #startCreated(records: readonly SandboxRecord[]): Promise<void> {
    if (records.length === 0) return;
    const underWay = this.#options.nerdctl.running();
    for (const record of records) {
      if (this.#options.isSettled(record.id) && !underWay.has(pauseName(keyOf(record)))) await this.#startTask(record.id);
    }
  }

  async #startTask(id: string): Promise<void> {
    const { tasks, logger } = this.#options;
    await tasks.start(id).catch((err: unknown) => logger.warn({ err, sandbox: id }, 'pause process not started'));
  }

  /** Gives addresses back whose containers containerd does not know. A container is there before it has an address. */
  async #releaseAddresses(): Promise<void> {
    const { containers, leases } = this.#options;
    const holders = leases.holders();
    if (holders.size > 0) leases.release(holders.difference(await containers.knownIds()));
  }

  #isFinished(id: string): boolean {
    return this.#options.records.values().some((record) => record.id === id);
  }
}

function keyOf({ config }: SandboxRecord): string {
  return sandboxKey(config.metadata);
}
