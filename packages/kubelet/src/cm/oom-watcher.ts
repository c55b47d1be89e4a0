import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import type { Clock, Logger, Timer } from '@podling/shared/util';

export interface OomWatcherOptions {
  /** Default: the kernel's. */
  file?: string;
  /** An Event of the node. */
  tell: (type: 'Warning', reason: string, message: string) => void;
  clock: Clock;
  logger: Logger;
}

const kernelLog = '/dev/kmsg';
const periodMs = 5_000;
/** The kernel gives one record at a time, and none is longer. */
const recordBytes = 8_192;
/** So that a kernel that never stops talking does not keep the kubelet from its work. */
const recordsAtOnce = 10_000;

/**
 * Reads in the kernel's log that the machine as a whole ran out of memory. A container that ran out of its own is no news of
 * the node's. What is there when it begins is passed over. Upstream twin: kubelet `oom.Watcher`.
 */
export class OomWatcher {
  readonly #options: OomWatcherOptions;
  readonly #buffer = Buffer.alloc(recordBytes);
  #handle: FileHandle | undefined;
  #timer: Timer | undefined;
  #running: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(options: OomWatcherOptions) {
    this.#options = options;
  }

  /** Later than all that is to be quick at the start of a kubelet. */
  start(): void {
    this.#timer = this.#options.clock.setTimeout(() => void (this.#running = this.#open()), periodMs);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    await this.#running;
    await this.#handle?.close();
  }

  async #open(): Promise<void> {
    try {
      this.#handle = await open(this.#options.file ?? kernelLog, constants.O_RDONLY | constants.O_NONBLOCK);
      for await (const _ of this.#records(this.#handle));
    } catch (error) {
      return this.#options.logger.warn({ err: error }, 'cannot read the log of the kernel: no Event tells when the machine runs out of memory');
    }
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isStopped) return;
    this.#timer = this.#options.clock.setTimeout(() => void (this.#running = this.#read()), periodMs);
  }

  async #read(): Promise<void> {
    try {
      if (this.#handle) for await (const record of this.#records(this.#handle)) this.#look(record);
    } catch (error) {
      this.#options.logger.warn({ err: error }, 'cannot read the log of the kernel');
    }
    this.#schedule();
  }

  /** Those that are there now. */
  async *#records(handle: FileHandle): AsyncIterable<string> {
    for (let count = 0; count < recordsAtOnce && !this.#isStopped; count += 1) {
      const bytesRead = await handle.read(this.#buffer, 0, recordBytes, null).then((result) => result.bytesRead, skipOverwritten);
      if (bytesRead === 0) return;
      if (bytesRead > 0) yield this.#buffer.toString('utf8', 0, bytesRead);
    }
  }

  #look(record: string): void {
    const victim = systemOomVictim(record);
    if (victim) this.#options.tell('Warning', 'SystemOOM', `System OOM encountered, victim process: ${victim.name}, pid: ${victim.pid}`);
  }
}

/** The process that was ended because the whole machine was out of memory; undefined for any other record. */
export function systemOomVictim(record: string): { name: string; pid: number } | undefined {
  if (!/;oom-kill:constraint=/.test(record) || !/,global_oom,|,task_memcg=\/,/.test(record)) return undefined;
  const [, name, pid] = /,task=(.*),pid=(\d+),uid=\d+/.exec(record) ?? [];
  return name === undefined ? undefined : { name, pid: Number(pid) };
}

/** -1: records were overwritten before they were read, and the next one is there. 0: there are no more. */
function skipOverwritten(error: NodeJS.ErrnoException): number {
  if (error.code === 'EPIPE') return -1;
  if (error.code === 'EAGAIN') return 0;
  throw error;
}
