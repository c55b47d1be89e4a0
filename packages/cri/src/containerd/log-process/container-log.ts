import { constants, openSync, readSync } from 'node:fs';
import { Socket } from 'node:net';
import type { LogLimits } from '../../log-path.ts';
import { CriLineEncoder } from './cri-line.ts';
import type { OutputStream } from './attach-frames.ts';
import { Listeners } from './listeners.ts';
import { LogFile } from './log-file.ts';

export interface ContainerLogOptions {
  stdout: string;
  /** '' with a terminal: everything comes on stdout. */
  stderr: string;
  /** '' keeps nothing. */
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
  name: OutputStream;
  socket: Socket;
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
  readonly #file: LogFile | undefined;
  readonly #streams: Stream[];
  readonly #listeners = new Listeners(() => this.#resume());
  #closed = false;

  constructor(options: ContainerLogOptions) {
    this.#options = options;
    this.#file = options.logPath === '' ? undefined : new LogFile({ path: options.logPath, limits: options.limits });
    const streams: [OutputStream, string][] = [['stdout', options.stdout], ...(options.stderr === '' ? [] : [['stderr', options.stderr]] as [OutputStream, string][])];
    const fds = streams.map(([, path]) => openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
    this.#streams = streams.map(([name], index) => this.#read(name, fds[index] as number));
    this.ended = Promise.all(this.#streams.map(({ ended }) => ended)).then(() => this.#close());
  }

  /** Opens the log file afresh; nothing to do after the end. */
  reopen(): void {
    if (!this.#closed) this.#file?.reopen();
  }

  /** Sends what comes from now on to one who listens, as frames; to its end if that has come. */
  attach(listener: Socket, streams: readonly OutputStream[]): void {
    this.#listeners.add(listener, streams);
    for (const { name, socket } of this.#streams) if (socket.destroyed) this.#listeners.write(name, Buffer.alloc(0));
    if (this.#closed) this.#listeners.end();
  }

  /** Leaves those who listen, before the end. */
  detach(): void {
    this.#listeners.cut();
  }

  /** Writes what lies in the FIFOs and gives up on what comes later. */
  async close(): Promise<void> {
    for (const stream of this.#streams) stream.finish();
    await this.ended;
  }

  #close(): void {
    this.#closed = true;
    this.#file?.close();
    this.#listeners.end();
  }

  #resume(): void {
    for (const { socket } of this.#streams) socket.resume();
  }

  #read(name: OutputStream, fd: number): Stream {
    const encoder = new CriLineEncoder(name);
    const { now, onError } = this.#options;
    const ended = Promise.withResolvers<void>();
    const socket = new Socket({ fd, readable: true, writable: false });
    const feed = (chunk: Buffer): void => {
      this.#append(encoder.feed(chunk, now()));
      if (!this.#listeners.write(name, chunk)) socket.pause();
    };
    socket.on('data', feed);
    socket.on('error', onError);
    socket.on('close', () => {
      this.#append(encoder.flush(now()));
      this.#listeners.write(name, Buffer.alloc(0));
      ended.resolve();
    });
    const finish = (): void => {
      if (socket.destroyed) return;
      // What was read already while a listener was waited for is handed out by this.
      socket.read();
      for (const chunk of pending(fd)) feed(chunk);
      socket.destroy();
    };
    return { name, socket, ended: ended.promise, finish };
  }

  #append(pieces: Buffer[]): void {
    try {
      this.#file?.append(pieces);
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
