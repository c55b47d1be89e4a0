import { StringDecoder } from 'node:string_decoder';
import type { IncomingMessage } from 'node:http';
import { ApiStatusError } from '../api/errors.ts';
import { AsyncQueue } from '../util/async-queue.ts';
import type { WatchEvent, WatchStream } from './client.ts';
import { ConnectionError, connectionError } from './connection-error.ts';
import type { ServerLink } from './server-link.ts';
import { statusErrorFrom } from './status-answer.ts';
import { openWebSocket } from './web-socket.ts';
import type { WebSocket, WebSocketOptions } from './web-socket.ts';

export interface WebSocketWatchOptions {
  /** The apiserver's base URL, for messages. */
  server: string;
  url: string;
  socket: WebSocketOptions;
  pingPeriodMs: number;
  deadlineMs: number;
  /** Told what the watch finds out about the way to the server. */
  link: Pick<ServerLink, 'alive' | 'silent'>;
}

/** One JSON text of the stream to an event. An ERROR event becomes the error it carries. */
function decodeEvent<T>(server: string, text: string): Exclude<WatchEvent<T>, { type: 'ERROR' }> {
  let event: WatchEvent<T>;
  try {
    event = JSON.parse(text) as WatchEvent<T>;
  } catch (error) {
    throw new ConnectionError(server, `watch: the event is not JSON: ${text.slice(0, 200)}`, { cause: error });
  }
  if (event.type === 'ERROR') throw new ApiStatusError(event.object);
  return event;
}

/** A stream that its reader ends by `close`, by leaving the loop, or by aborting the signal. */
class QueuedWatch<T> implements WatchStream<T> {
  readonly queue = new AsyncQueue<WatchEvent<T>>();
  readonly #release: () => void;
  #closed = false;

  constructor(release: () => void) {
    this.#release = release;
  }

  accept(server: string, text: string): void {
    try {
      this.queue.push(decodeEvent<T>(server, text));
    } catch (error) {
      this.finish(error);
    }
  }

  /** The far side has ended the stream (`error` absent) or it broke. Queued events still come out. */
  finish(error?: unknown): void {
    if (error === undefined) this.queue.end();
    else this.queue.fail(error);
    this.#releaseOnce();
  }

  close(): void {
    this.queue.discard();
    this.#releaseOnce();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<WatchEvent<T>, undefined> {
    try {
      yield* this.queue;
    } finally {
      this.close();
    }
  }

  #releaseOnce(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#release();
  }
}

/** Nobody has answered. */
const unreachableCodes = new Set(['ETIMEDOUT', 'EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH', 'ENETDOWN']);
/** The host has answered, with a no: the link is good. */
const refusalCodes = new Set(['ECONNREFUSED', 'ECONNRESET']);

/** A reader that still tries finds out within one deadline; the rest is its back-off. */
const holdDeadlines = 2;

/** Close codes with which a server ends a watch in good order: normal closure, going away. */
const orderlyCloseCodes = new Set([1000, 1001]);

/** A watch over WebSocket: one event per frame, dead links found by ping. `onRelease` runs once, when the socket goes. */
export function watchWebSocket<T>(options: WebSocketWatchOptions, onRelease: () => void): WatchStream<T> {
  const { server, url, socket: socketOptions } = options;
  const socket = openWebSocket(url, socketOptions);
  const liveness = watchLiveness(socket, options, (error) => stream.finish(error));
  const stream = new QueuedWatch<T>(() => {
    liveness.stop();
    socket.terminate();
    onRelease();
  });
  socket.on('message', (data) => {
    liveness.alive();
    stream.accept(server, data.toString('utf8'));
  });
  socket.on('unexpected-response', (_request, response) => {
    liveness.alive();
    void readRefusal(response).then((error) => stream.finish(error));
  });
  socket.on('error', (error) => {
    liveness.failed(error);
    stream.finish(connectionError(server, error));
  });
  socket.on('close', (code) => {
    stream.finish(orderlyCloseCodes.has(code) ? undefined : new ConnectionError(server, `watch connection closed (${code})`));
  });
  return stream;
}

interface Liveness {
  alive(): void;
  failed(error: Error): void;
  stop(): void;
}

/**
 * Gives the handshake `deadlineMs`, then counts ping periods without any sign of life. Counted, not measured by the
 * clock: a process that was stopped for a minute must not take its own absence for a dead link.
 */
function watchLiveness(socket: WebSocket, options: WebSocketWatchOptions, onDead: (error: Error) => void): Liveness {
  const { server, pingPeriodMs, deadlineMs, link } = options;
  const allowedPeriods = Math.max(1, Math.ceil(deadlineMs / pingPeriodMs));
  let silentPeriods = 0;
  let sinceMs = performance.now();
  const alive = (): void => {
    silentPeriods = 0;
    sinceMs = performance.now();
    link.alive();
  };
  const tellSilence = (error: Error): void => link.silent(error, { sinceMs, holdMs: holdDeadlines * deadlineMs });
  const giveUp = (): void => {
    const error = new ConnectionError(server, `watch connection silent for ${deadlineMs} ms`);
    onDead(error);
    tellSilence(error);
  };
  const handshake = setTimeout(giveUp, deadlineMs);
  let pings: NodeJS.Timeout | undefined;
  const ping = (): void => {
    silentPeriods += 1;
    if (silentPeriods >= allowedPeriods) giveUp();
    else socket.ping();
  };
  socket.on('ping', alive).on('pong', alive).on('open', () => {
    clearTimeout(handshake);
    pings = setInterval(ping, pingPeriodMs);
    alive();
  });
  return {
    alive,
    failed(error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (unreachableCodes.has(code)) tellSilence(connectionError(server, error));
      else if (refusalCodes.has(code)) link.alive();
    },
    stop() {
      clearTimeout(handshake);
      clearInterval(pings);
    },
  };
}

async function readRefusal(response: IncomingMessage): Promise<Error> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of response) chunks.push(chunk as Buffer);
  } catch {
    // A body that broke off still carries its status code.
  }
  return statusErrorFrom(response.statusCode ?? 500, Buffer.concat(chunks).toString('utf8'));
}

/** A watch over one long HTTP answer: a JSON text per line. `open` resolves to the body and rejects when refused. */
export function watchChunked<T>(server: string, open: () => Promise<AsyncIterable<Uint8Array>>, onRelease: () => void): WatchStream<T> {
  const stream = new QueuedWatch<T>(onRelease);
  void readLines(stream, server, open);
  return stream;
}

async function readLines<T>(stream: QueuedWatch<T>, server: string, open: () => Promise<AsyncIterable<Uint8Array>>): Promise<void> {
  const decoder = new StringDecoder('utf8');
  let unfinished = '';
  try {
    for await (const chunk of await open()) {
      const text = decoder.write(chunk as Buffer);
      if (!text.includes('\n')) {
        unfinished += text;
        continue;
      }
      const lines = (unfinished + text).split('\n');
      unfinished = lines.pop() ?? '';
      for (const line of lines) if (line.trim() !== '') stream.accept(server, line);
      if (stream.queue.ended) return;
    }
    stream.finish();
  } catch (error) {
    stream.finish(error);
  }
}
