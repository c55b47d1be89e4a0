import { constants, openSync, readSync } from 'node:fs';
import { Socket } from 'node:net';
import type { LogLimits } from '../../log-path.ts';
import { CriLineEncoder } from './cri-line.ts';
import { LogFile } from './log-file.ts';

export interface ContainerLogOptions {
  stdout: string;
  /** '' with a terminal: everything comes on stdout. */
  stderr: string;
  logPath: string;
  /** May change at any time. */
  limits: Readonly<LogLimits>;
  /** The time in RFC 3339. */
  now: () => string;
  /** A write that failed; the lines are lost, the container goes on. */
  onError: (error: unknown) => void;
}

/** The kernel's default limit for a pipe. */
const MAX_PIPE_BYTES = 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;

interface Stream {
  ended: Promise<void>;
  finish(): void;
}

/**
 * Reads a container's FIFOs to their end and writes its log. Holding the FIFOs open also keeps what is unread.
 * They are opened non-blocking, so that opening does not wait for a writer; read-only, so that the writers' leaving is
 * the end; and read as sockets, so that the event loop waits for data and not a thread for each FIFO.
 */
export class ContainerLog {
  /** Resolves when every stream has ended and all is written. */
  readonly ended: Promise<void>;
  readonly #options: ContainerLogOptions;
  readonly #file: LogFile;
  readonly #streams: Stream[];
  #closed = false;

  constructor(options: ContainerLogOptions) {
    this.#options = options;
    this.#file = new LogFile({ path: options.logPath, limits: options.limits });
    const streams = [['stdout', options.stdout] as const, ...(options.stderr === '' ? [] : [['stderr', options.stderr] as const])];
    const fds = streams.map(([, path]) => openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
    this.#streams = streams.map(([name], index) => this.#read(name, fds[index] as number));
    this.ended = Promise.all(this.#streams.map(({ ended }) => ended)).then(() => this.#close());
  }

  /** Opens the log file afresh; nothing to do after the end. */
  reopen(): void {
    if (!this.#closed) this.#file.reopen();
  }

  /** Writes what lies in the FIFOs and gives up on what comes later. */
  async close(): Promise<void> {
    for (const stream of this.#streams) stream.finish();
    await this.ended;
  }

  #close(): void {
    this.#closed = true;
    this.#file.close();
  }

  #read(name: 'stdout' | 'stderr', fd: number): Stream {
    const encoder = new CriLineEncoder(name);
    const { now, onError } = this.#options;
    const ended = Promise.withResolvers<void>();
    const feed = (chunk: Buffer): void => this.#append(encoder.feed(chunk, now()));
    const socket = new Socket({ fd, readable: true, writable: false });
    socket.on('data', feed);
    socket.on('error', onError);
    socket.on('close', () => {
      this.#append(encoder.flush(now()));
      ended.resolve();
    });
    const finish = (): void => {
      if (socket.destroyed) return;
      for (const chunk of pending(fd)) feed(chunk);
      socket.destroy();
    };
    return { ended: ended.promise, finish };
  }

  #append(pieces: Buffer[]): void {
    try {
      this.#file.append(pieces);
    } catch (error) {
      this.#options.onError(error);
    }
  }
}

/** What lies in a pipe; no more than a pipe can hold, since its writer may go on for ever. */
function* pending(fd: number): Generator<Buffer> {
  for (let left = MAX_PIPE_BYTES; left > 0; ) {
    const chunk = Buffer.alloc(CHUNK_BYTES);
    const bytes = readNow(fd, chunk);
    if (bytes === 0) return;
    left -= bytes;
    yield chunk.subarray(0, bytes);
  }
}

function readNow(fd: number, chunk: Buffer): number {
  try {
    return readSync(fd, chunk);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0;
    throw error;
  }
}
