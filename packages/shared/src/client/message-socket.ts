import { Duplex } from 'node:stream';
import type { IncomingMessage } from 'node:http';
import { connectionError } from './connection-error.ts';
import type { MessageSocket } from './client.ts';
import { isStatus, statusErrorFrom } from './status-answer.ts';
import { StreamError } from './stream-error.ts';
import { openWebSocketOffering } from './web-socket.ts';
import type { WebSocket, WebSocketOptions } from './web-socket.ts';

export interface MessageSocketOptions {
  /** The server's base URL, for messages. */
  server: string;
  url: string;
  socket: WebSocketOptions;
  protocols: readonly string[];
  signal: AbortSignal | undefined;
  timeoutMs: number;
  pingPeriodMs: number;
  deadlineMs: number;
}

const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
const MAX_BUFFERED_BYTES = 256 * 1024;
const MAX_REFUSAL_BYTES = 64 * 1024;
const NORMAL_CLOSURE = 1000;
/** The second: a close that names no code. */
const orderlyCodes = new Set([NORMAL_CLOSURE, 1005]);

/** Resolves when the handshake has ended well. See `RestClient.connect`. */
export function openMessageSocket(options: MessageSocketOptions): Promise<MessageSocket> {
  const { server, url, socket: socketOptions, protocols, signal, timeoutMs } = options;
  const { socket, chosen } = openWebSocketOffering(url, { ...socketOptions, maxPayload: MAX_MESSAGE_BYTES }, protocols);
  const { promise, resolve, reject } = Promise.withResolvers<MessageSocket>();
  const giveUp = (error: Error): void => {
    reject(error);
    socket.terminate();
  };
  const onAbort = (): void => giveUp(signal?.reason as Error);
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  const timer = timeoutMs > 0 ? setTimeout(() => giveUp(connectionError(server, new Error(`no answer within ${timeoutMs} ms`))), timeoutMs) : undefined;
  socket.on('error', (error) => reject(connectionError(server, error)));
  socket.on('unexpected-response', (_request, response) => void refusal(response).then(giveUp));
  socket.on('open', () => {
    if (protocols.includes(chosen())) resolve({ protocol: chosen(), messages: new WebSocketDuplex(socket, options) });
    else giveUp(new StreamError(`unable to negotiate protocol: client supports ${JSON.stringify(protocols)}, server returned ${JSON.stringify(chosen())}`));
  });
  return promise.finally(() => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  });
}

/** One message each, both ways. What is not read stops the socket; what is not taken holds the writer back. */
class WebSocketDuplex extends Duplex {
  readonly #socket: WebSocket;
  readonly #stopPings: () => void;
  #paused = false;
  #failed: Error | undefined;

  constructor(socket: WebSocket, options: MessageSocketOptions) {
    super({ readableObjectMode: true, allowHalfOpen: true });
    this.#socket = socket;
    this.#stopPings = this.#ping(options);
    socket.on('message', (message) => {
      if (!this.destroyed && !this.push(message)) this.#pause();
    });
    socket.on('error', (error) => (this.#failed ??= error));
    socket.on('close', (code, reason) => this.#closed(code, reason.toString()));
    // Who reads learns of it by the stream's own error; one that nobody looks at must not end the process.
    this.on('error', () => undefined);
  }

  override _read(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    const waits = this.#socket.bufferedAmount > MAX_BUFFERED_BYTES;
    this.#socket.send(chunk, { binary: true }, (error) => {
      if (waits) callback(error);
      else if (error instanceof Error) this.destroy(error);
    });
    if (!waits) callback();
  }

  override _final(callback: () => void): void {
    this.#socket.close(NORMAL_CLOSURE);
    callback();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#stopPings();
    if (!this.writableFinished || !this.readableEnded) this.#socket.terminate();
    callback(error);
  }

  #pause(): void {
    this.#paused = true;
    this.#socket.pause();
  }

  #closed(code: number, reason: string): void {
    this.#stopPings();
    if (orderlyCodes.has(code) || this.writableFinished) this.push(null);
    else this.destroy(new StreamError(`websocket: close ${code}${reason === '' ? '' : `: ${reason}`}`, { cause: this.#failed }));
  }

  /** Counted, not measured: see the watch. What this side does not read is no silence of the other. */
  #ping({ pingPeriodMs, deadlineMs }: MessageSocketOptions): () => void {
    const allowed = Math.max(1, Math.ceil(deadlineMs / pingPeriodMs));
    let silent = 0;
    const alive = (): void => void (silent = 0);
    this.#socket.on('ping', alive).on('pong', alive).on('message', alive);
    const timer = setInterval(() => {
      silent = this.#paused ? 0 : silent + 1;
      if (silent > allowed) this.destroy(new StreamError(`nothing came for ${deadlineMs} ms`));
      else this.#socket.ping();
    }, pingPeriodMs);
    return () => clearInterval(timer);
  }
}

/** A Status says what it says; text comes from somebody in between, as upstream has it. */
async function refusal(response: IncomingMessage): Promise<Error> {
  let text = '';
  try {
    for await (const chunk of response.setEncoding('utf8')) {
      text += String(chunk);
      if (text.length > MAX_REFUSAL_BYTES) break;
    }
  } catch {
    // A body that broke off still carries its status code.
  }
  const error = statusErrorFrom(response.statusCode ?? 500, text);
  return isStatusText(text) ? error : new StreamError(`unable to upgrade connection: ${error.message}`, { cause: error });
}

function isStatusText(text: string): boolean {
  try {
    return isStatus(JSON.parse(text));
  } catch {
    return false;
  }
}
