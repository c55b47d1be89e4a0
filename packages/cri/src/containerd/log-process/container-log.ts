import { constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { CriLineEncoder } from './cri-line.ts';
import { LogFile } from './log-file.ts';

export interface ContainerLogOptions {
  stdout: string;
  /** '' with a terminal: everything comes on stdout. */
  stderr: string;
  logPath: string;
  maxBytes: number;
  /** The time in RFC 3339. */
  now: () => string;
  /** A write that failed; the lines are lost, the container goes on. */
  onError: (error: unknown) => void;
}

/** Reads a container's FIFOs to their end and writes its log. Holding the FIFOs open also keeps what is unread. */
export class ContainerLog {
  /** Resolves when every stream has ended and all is written. */
  readonly ended: Promise<void>;
  readonly #options: ContainerLogOptions;
  readonly #file: LogFile;
  readonly #sockets: Socket[];
  #closed = false;

  constructor(options: ContainerLogOptions) {
    this.#options = options;
    this.#file = new LogFile({ path: options.logPath, maxBytes: options.maxBytes });
    const streams = [['stdout', options.stdout] as const, ...(options.stderr === '' ? [] : [['stderr', options.stderr] as const])];
    this.#sockets = streams.map(([, path]) => openFifo(path));
    const ends = streams.map(([name], index) => this.#read(name, this.#sockets[index] as Socket));
    this.ended = Promise.all(ends).then(() => this.#close());
  }

  /** Opens the log file afresh; nothing to do after the end. */
  reopen(): void {
    if (!this.#closed) this.#file.reopen();
  }

  /** Gives up on what has not come yet; lines already read are written. */
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await this.ended;
  }

  #close(): void {
    this.#closed = true;
    this.#file.close();
  }

  #read(name: 'stdout' | 'stderr', socket: Socket): Promise<void> {
    const encoder = new CriLineEncoder(name);
    const { now, onError } = this.#options;
    const ended = Promise.withResolvers<void>();
    socket.on('data', (chunk: Buffer) => this.#append(encoder.feed(chunk, now())));
    socket.on('error', onError);
    socket.on('close', () => {
      this.#append(encoder.flush(now()));
      ended.resolve();
    });
    return ended.promise;
  }

  #append(pieces: Buffer[]): void {
    try {
      this.#file.append(pieces);
    } catch (error) {
      this.#options.onError(error);
    }
  }
}

/**
 * Non-blocking, so that opening does not wait for a writer; read-only, so that the writers' leaving is the end; as a
 * socket, so that the event loop waits for data and not a thread for each FIFO.
 */
function openFifo(path: string): Socket {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return new Socket({ fd, readable: true, writable: false });
}
