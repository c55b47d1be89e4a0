import type { WebSocket } from 'ws';

type Listener = (channel: number, data: Buffer) => void;

const NORMAL_CLOSURE = 1000;
const ZERO = 0x30;

/**
 * A WebSocket that carries several streams: the first byte of each message says of which the rest is. In the base64 form,
 * for those who can send text alone, that is a digit, and the rest is base64. Twin: apimachinery `wsstream`.
 */
export class ChannelSocket {
  readonly #socket: WebSocket;
  readonly #isBase64: boolean;
  readonly #closed = Promise.withResolvers<void>();
  #received = 0;
  #sent = 0;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    this.#isBase64 = socket.protocol.includes('.base64.');
    socket.on('close', () => this.#closed.resolve());
    // One that breaks the protocol is told so, and not waited for.
    socket.on('error', () => this.#closed.resolve());
  }

  /** Resolves when nothing more comes or can be said. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** Messages so far. */
  get received(): number {
    return this.#received;
  }

  get sent(): number {
    return this.#sent;
  }

  onMessage(listener: Listener): void {
    this.#socket.on('message', (message: Buffer) => {
      this.#received += 1;
      const [channel] = message;
      if (channel === undefined) return;
      const data = message.subarray(1);
      if (this.#isBase64) listener(channel - ZERO, Buffer.from(data.toString('latin1'), 'base64'));
      else listener(channel, data);
    });
  }

  /** `done` when it has gone out. */
  send(channel: number, data: Buffer, done: (error?: Error) => void = () => undefined): void {
    this.#sent += 1;
    if (this.#isBase64) this.#socket.send(`${channel}${data.toString('base64')}`, done);
    else this.#socket.send(Buffer.concat([Buffer.from([channel]), data]), { binary: true }, done);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** After all that was sent. */
  close(): void {
    this.#socket.resume();
    this.#socket.close(NORMAL_CLOSURE);
  }
}
