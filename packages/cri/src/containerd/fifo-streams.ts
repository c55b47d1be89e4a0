import { closeSync, constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { Writable } from 'node:stream';
import type { Clock } from '@podling/shared/util';

const PROBE_MS = 5;
/** containerd opens the other end in the background, on a busy machine late; a process that has closed it never does. */
const READER_MS = 10_000;
const END_OF_TRANSMISSION = Buffer.from('\x04');

/**
 * Reads a FIFO to the moment when nobody writes any more. Opening does not wait for a writer, and the event loop waits for
 * data, not a thread. It reads ahead no more than a stream's buffer: then the writers wait.
 */
export function fifoReader(path: string): Socket {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return new Socket({ fd, readable: true, writable: false });
}

export interface FifoWriterOptions {
  path: string;
  clock: Clock;
  /** Aborts when the process has ended. */
  ended: AbortSignal;
  /** Written at the end: a terminal knows no other. */
  lastCharacter?: boolean;
  /** Everything is written, and no more comes. */
  onEnd?: () => Promise<void>;
}

/**
 * The stdin of a process as a stream. What is written once nobody reads, since the process has closed it or ended, is lost
 * without an error.
 */
export class FifoWriter extends Writable {
  readonly #options: FifoWriterOptions;
  readonly #socket: Promise<Socket | undefined>;
  /** Lets the FIFO be opened for writing before the reader is there. */
  #keeper: number | undefined;

  /** `started` is when its reader may be expected. */
  constructor(options: FifoWriterOptions, started: Promise<void>) {
    super();
    this.#options = options;
    this.#keeper = openSync(options.path, constants.O_RDONLY | constants.O_NONBLOCK);
    const fd = openSync(options.path, constants.O_WRONLY | constants.O_NONBLOCK);
    this.#socket = this.#connect(fd, started);
    options.ended.addEventListener('abort', () => this.destroy(), { once: true });
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    const write = async (): Promise<void> => {
      const socket = await this.#socket;
      if (socket?.writable === true) await new Promise((resolve) => socket.write(chunk, resolve));
      done();
    };
    void write();
  }

  override _final(done: (error?: Error) => void): void {
    const end = async (): Promise<void> => {
      await this.#end().catch(() => undefined);
      done();
    };
    void end();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    void this.#socket.then((socket) => socket?.destroy());
    done(error);
  }

  async #end(): Promise<void> {
    const { lastCharacter = false, onEnd } = this.#options;
    const socket = await this.#socket;
    if (lastCharacter && socket?.writable === true) await new Promise((resolve) => socket.write(END_OF_TRANSMISSION, resolve));
    socket?.destroy();
    await onEnd?.();
  }

  /** Not before the process reads: without the keeper's end a write would fail, and what is in a FIFO goes with its last holder. */
  async #connect(fd: number, started: Promise<void>): Promise<Socket | undefined> {
    const { path, clock, ended } = this.#options;
    const socket = new Socket({ fd, readable: false, writable: true });
    socket.on('error', () => socket.destroy());
    try {
      await started;
      this.#letGo();
      for (let left = READER_MS; left > 0; left -= PROBE_MS) {
        if (isRead(path)) return socket;
        await clock.sleep(PROBE_MS, ended);
      }
    } catch {
      this.#letGo();
    }
    socket.destroy();
    return undefined;
  }

  #letGo(): void {
    if (this.#keeper !== undefined) closeSync(this.#keeper);
    this.#keeper = undefined;
  }
}

function isRead(path: string): boolean {
  try {
    closeSync(openSync(path, constants.O_WRONLY | constants.O_NONBLOCK));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENXIO') return false;
    throw error;
  }
}
