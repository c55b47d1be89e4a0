import type { Socket } from 'node:net';
import type { Clock } from '@podling/shared/util';
import { fifoReader } from './fifo-streams.ts';
import { fifoPaths } from './fifos.ts';

const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;
/** How long the output may stay open when the command has ended: its children may hold it for ever. */
const DRAIN_MS = 1_000;

/** What a command says. It must be read from before the start, and to the end, or the command stands still. */
export class ExecOutput {
  readonly stdout: Collected;
  readonly stderr: Collected;

  /** Of the FIFOs in this folder. */
  constructor(folder: string) {
    const paths = fifoPaths(folder);
    this.stdout = new Collected(paths.stdout);
    this.stderr = new Collected(paths.stderr);
  }

  /** Nobody writes any more. */
  get ended(): boolean {
    return this.stdout.ended && this.stderr.ended;
  }

  /** Resolves at the end of both, or after a while. */
  async drained(clock: Clock): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = clock.setTimeout(resolve, DRAIN_MS);
    await Promise.race([Promise.all([this.stdout.closed, this.stderr.closed]), promise]);
    timer.cancel();
  }

  close(): void {
    this.stdout.close();
    this.stderr.close();
  }
}

/** The first 16 MiB of what comes out of a FIFO. */
class Collected {
  readonly closed: Promise<void>;
  ended = false;
  readonly #socket: Socket;
  readonly #chunks: Buffer[] = [];
  #size = 0;

  constructor(path: string) {
    this.#socket = fifoReader(path);
    this.#socket.on('data', (chunk: Buffer) => this.#add(chunk));
    this.#socket.on('error', () => undefined);
    this.#socket.on('end', () => (this.ended = true));
    this.closed = new Promise((resolve) => this.#socket.on('close', () => resolve()));
  }

  bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  close(): void {
    this.#socket.destroy();
  }

  #add(chunk: Buffer): void {
    const kept = chunk.subarray(0, MAX_OUTPUT_BYTES - this.#size);
    if (kept.length === 0) return;
    this.#size += kept.length;
    this.#chunks.push(kept);
  }
}
