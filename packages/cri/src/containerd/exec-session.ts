import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import type { Clock } from '@podling/shared/util';
import type { ExecRequest, StreamSession, TerminalSize } from '../cri.ts';
import type { ExecProcess } from './exec-process.ts';
import { fifoReader, FifoWriter } from './fifo-streams.ts';
import { fifoPaths } from './fifos.ts';

export interface ExecSessionOptions {
  exec: ExecProcess;
  request: ExecRequest;
  clock: Clock;
  /** Ends the process if it runs, and takes its FIFOs away. Never fails. */
  remove: () => Promise<void>;
}

/** How long the output may stay open and silent when the command has ended: its children may hold it for ever. */
const DRAIN_MS = 1_000;

/** A command whose streams are in somebody's hands. It is removed when it has ended and all was read, or when they let go. */
export class ExecSession implements StreamSession {
  readonly stdin: Writable | undefined;
  readonly stdout: Readable | undefined;
  readonly stderr: Readable | undefined;
  readonly exited: Promise<number>;
  /** Nothing of it is left with the runtime. */
  readonly removed: Promise<void>;
  readonly #options: ExecSessionOptions;
  readonly #readers: Socket[];
  readonly #started = Promise.withResolvers<void>();
  readonly #exit = Promise.withResolvers<number>();
  readonly #removal = Promise.withResolvers<void>();
  readonly #over = new AbortController();
  readonly #closing = new AbortController();
  #removing = false;

  constructor(options: ExecSessionOptions) {
    const { exec, request, clock } = options;
    const paths = fifoPaths(exec.folder);
    this.#options = options;
    this.exited = this.#exit.promise;
    this.removed = this.#removal.promise;
    // Nobody need listen.
    for (const promise of [this.exited, this.#started.promise]) promise.catch(() => undefined);
    const [stdout, stderr] = [fifoReader(paths.stdout), request.tty ? undefined : fifoReader(paths.stderr)];
    this.#readers = stderr === undefined ? [stdout] : [stdout, stderr];
    this.stdout = request.stdout ? stdout : discard(stdout);
    this.stderr = request.stderr && stderr !== undefined ? stderr : discard(stderr);
    const end = request.tty ? { lastCharacter: true } : { onEnd: () => exec.closeStdin() };
    this.stdin = request.stdin ? new FifoWriter({ path: paths.stdin, clock, ended: this.#over.signal, ...end }, this.#started.promise) : undefined;
  }

  /** Nobody writes any more, and all was read. */
  get ended(): boolean {
    return this.#readers.every(({ readableEnded }) => readableEnded);
  }

  async start(process: object): Promise<void> {
    const { exec, request } = this.#options;
    try {
      await exec.start(process, { stdin: request.stdin, terminal: request.tty });
    } catch (error) {
      this.#exit.reject(error);
      this.#started.reject(error);
      throw error;
    }
    this.#started.resolve();
    void this.#follow();
  }

  async resize(size: TerminalSize): Promise<void> {
    if (this.#options.request.tty && !this.#over.signal.aborted) await this.#options.exec.resize(size);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    // Read on, or containerd waits for what is still to be copied.
    for (const reader of this.#readers) discard(reader);
    await this.#remove();
    for (const reader of this.#readers) reader.destroy();
  }

  async #follow(): Promise<void> {
    try {
      this.#exit.resolve(await this.#options.exec.wait({ signal: this.#closing.signal }));
      this.#over.abort();
      await this.#drained();
      await this.#remove();
    } catch (error) {
      this.#exit.reject(error);
      await this.close();
    }
  }

  /** A reader that takes its time is waited for, a child that holds the other end is not. */
  async #drained(): Promise<void> {
    const ended = Promise.all(this.#readers.filter(({ closed }) => !closed).map((reader) => once(reader, 'close')));
    for (let seen = -1; !this.ended; ) {
      const read = this.#readers.reduce((sum, { bytesRead }) => sum + bytesRead, 0);
      if (read === seen && this.#readers.every(({ readableLength }) => readableLength === 0)) return;
      seen = read;
      await this.#pause(ended);
    }
  }

  async #pause(ended: Promise<unknown>): Promise<void> {
    const awake = new AbortController();
    const silence = this.#options.clock.sleep(DRAIN_MS, AbortSignal.any([this.#closing.signal, awake.signal]));
    silence.catch(() => undefined);
    await Promise.race([ended, silence]).finally(() => awake.abort());
  }

  async #remove(): Promise<void> {
    if (this.#removing) return this.removed;
    this.#removing = true;
    this.#over.abort();
    await this.#options.remove();
    this.#removal.resolve();
  }
}

/** What comes is read and forgotten. */
function discard(reader: Socket | undefined): undefined {
  reader?.unpipe();
  reader?.removeAllListeners('data').removeAllListeners('readable').resume();
}
