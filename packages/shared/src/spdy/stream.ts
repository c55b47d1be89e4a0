import { Duplex } from 'node:stream';
import type { SpdyHeaders } from './headers.ts';

/** How a stream reaches its connection. */
export interface StreamCarrier {
  /** Calls back when the connection takes more. */
  send(stream: SpdyStream, data: Buffer, fin: boolean, callback: (error?: Error | null) => void): void;
  /** The stream is read again. */
  wanted(stream: SpdyStream): void;
  /** Nothing is to be said on it any more. */
  released(stream: SpdyStream, reset: boolean): void;
}

/**
 * One stream of a SPDY connection. Each side ends its own direction; destroying it resets both. When the other side resets
 * it, or the connection breaks, it reads to the end of what has come, and takes no more: `lost`, and an event of that name, tell that from an end.
 */
export class SpdyStream extends Duplex {
  readonly id: number;
  /** Of who opened it. */
  readonly headers: SpdyHeaders;
  /** Resolves when the other side has accepted a stream that this side opened; rejects if it never will. */
  readonly accepted: Promise<void>;
  readonly #carrier: StreamCarrier;
  readonly #settle: { accept: () => void; refuse: (error: Error) => void };
  #peerEnded = false;
  #lost: Error | undefined;

  constructor(id: number, headers: SpdyHeaders, carrier: StreamCarrier) {
    super({ allowHalfOpen: true });
    this.id = id;
    this.headers = headers;
    this.#carrier = carrier;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.accepted = promise;
    this.#settle = { accept: resolve, refuse: reject };
    // Whoever does not wait for it learns of a reset by the stream's own error.
    promise.catch(() => undefined);
    // What the other side does to a stream that nobody looks at must not end the process.
    this.on('error', () => undefined);
  }

  get lost(): Error | undefined {
    return this.#lost;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.#carrier.send(this, chunk, false, callback);
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.#carrier.send(this, Buffer.alloc(0), true, callback);
  }

  override _read(): void {
    this.#carrier.wanted(this);
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#settle.refuse(error ?? new Error('the stream was closed'));
    this.#carrier.released(this, !(this.#peerEnded && this.writableFinished));
    callback(error);
  }

  accept(): void {
    this.#settle.accept();
  }

  /** False: the reader has enough for now. */
  receive(data: Buffer): boolean {
    return this.destroyed || this.#peerEnded || data.length === 0 || this.push(data);
  }

  lose(error: Error): void {
    this.#lost = error;
    this.#settle.refuse(error);
    this.emit('lost');
    this.peerEnded();
  }

  peerEnded(): void {
    if (this.#peerEnded) return;
    this.#peerEnded = true;
    this.push(null);
  }
}
