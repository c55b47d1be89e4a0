import type { Logger } from '@podling/shared/util';
import type { ContainerRecord } from './container-record.ts';
import { hasNoAnswer } from './containerd-client.ts';
import { fifoPaths, holdFifos } from './fifos.ts';
import type { LogClient, LogSender } from './log-client.ts';
import type { LogRequest } from './log-process/protocol.ts';
import type { RecordStore } from './record-store.ts';
import type { Tasks } from './tasks.ts';

export interface ContainerLogsOptions {
  logs: LogClient;
  records: RecordStore<ContainerRecord>;
  tasks: Tasks;
  logger: Logger;
}

const DRAIN_TIMEOUT_MS = 1_000;

/** What containers say, which the log process reads from their FIFOs until they have ended. */
export class ContainerLogs {
  readonly #options: ContainerLogsOptions;
  /** Whose logs are read to their end, before their tasks are deleted. */
  readonly #finishing = new Map<string, Promise<void>>();

  constructor(options: ContainerLogsOptions) {
    this.#options = options;
  }

  /** Resolves when somebody reads: a task can be created then. */
  async open(record: ContainerRecord): Promise<void> {
    await this.#options.logs.request(this.#openRequest(record));
  }

  async reopen(id: string): Promise<void> {
    await this.#options.logs.request({ op: 'reopen', container: id });
  }

  /** Without waiting for an end. */
  async close(id: string): Promise<void> {
    const { logs, logger } = this.#options;
    await logs.request({ op: 'drain', container: id, timeoutMs: 0 }).catch((err: unknown) => logger.warn({ err, container: id }, 'log not closed'));
  }

  /** Once, whoever asks: a FIFO that is opened again has no writer, and so no end. */
  finish(record: ContainerRecord): Promise<void> {
    const known = this.#finishing.get(record.id);
    if (known !== undefined) return known;
    const finishing = this.#readToEnd(record);
    this.#finishing.set(record.id, finishing);
    finishing.catch(() => this.#finishing.delete(record.id));
    return finishing;
  }

  forget(id: string): void {
    this.#finishing.delete(id);
  }

  /** Makes the log process read every container that has a task. One that it refuses does not keep it from the others. */
  async openAll(send: LogSender): Promise<void> {
    const tasks = await this.#options.tasks.list();
    const records = this.#options.records.values().filter((record) => tasks.has(record.id));
    await Promise.all(records.map((record) => this.#unlessRefused(record.id, send(this.#openRequest(record)))));
  }

  /** Keeps what lies in the containers' FIFOs, until the returned function is called. */
  keepUnread(): () => void {
    const { records } = this.#options;
    return holdFifos(records.values().flatMap(({ id }) => Object.values(fifoPaths(records.folder(id)))));
  }

  /** A log process that was lost in between is asked again; one that refuses is left alone. */
  async #readToEnd(record: ContainerRecord): Promise<void> {
    const { logs } = this.#options;
    const finish = async (): Promise<void> => {
      await this.#unlessRefused(record.id, logs.request(this.#openRequest(record)));
      await this.#unlessRefused(record.id, logs.request({ op: 'drain', container: record.id, timeoutMs: DRAIN_TIMEOUT_MS }));
    };
    await finish().catch((error: unknown) => (hasNoAnswer(error) ? finish() : Promise.reject(error)));
  }

  async #unlessRefused(container: string, asked: Promise<unknown>): Promise<void> {
    try {
      await asked;
    } catch (error) {
      if (hasNoAnswer(error)) throw error;
      this.#options.logger.warn({ err: error, container }, 'log process refuses');
    }
  }

  #openRequest(record: ContainerRecord): LogRequest {
    const { stdout, stderr } = fifoPaths(this.#options.records.folder(record.id));
    return { op: 'open', container: record.id, stdout, stderr: record.config.tty ? '' : stderr, logPath: record.logPath };
  }
}
