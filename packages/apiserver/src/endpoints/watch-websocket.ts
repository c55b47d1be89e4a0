import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import type { Clock } from '@podling/shared/util';
import { newBadRequest } from '@podling/shared/api';
import { drained, highWaterBytes } from './back-pressure.ts';
import type { Endpoint } from './endpoint.ts';
import { Heartbeat } from './heartbeat.ts';
import type { Gate, RequestContext } from './request-context.ts';
import { admitRequest } from './request-context.ts';
import { WatchSession } from './watch-session.ts';
import type { WatchSink } from './watch-session.ts';
import { toStatusError } from './write-response.ts';

const maxClientFrameBytes = 64 * 1024;
const goingAway = 1001;

/** One text frame an event. Frames of one turn leave in one write. */
class WebSocketSink implements WatchSink {
  readonly #socket: WebSocket;
  readonly #wire: Socket;
  readonly #clock: Clock;
  #corked = false;

  constructor(socket: WebSocket, wire: Socket, clock: Clock) {
    this.#socket = socket;
    this.#wire = wire;
    this.#clock = clock;
  }

  open(): void {
    // The handshake has said it already.
  }

  send(line: Buffer): void {
    if (!this.#corked) {
      this.#corked = true;
      this.#wire.cork();
      setImmediate(() => this.#uncork());
    }
    this.#socket.send(line.subarray(0, -1), { binary: false });
  }

  pressure(): Promise<boolean> | undefined {
    if (this.#wire.writableLength < highWaterBytes) return undefined;
    this.#uncork();
    return this.#wire.writableLength < highWaterBytes ? undefined : drained(this.#wire, this.#clock);
  }

  #uncork(): void {
    if (!this.#corked) return;
    this.#corked = false;
    this.#wire.uncork();
  }
}

export interface WebSocketWatchOptions {
  gate: Gate;
  clock: Clock;
  endpointFor: (context: RequestContext) => Endpoint;
}

/** Answers upgrade requests: a watch on the URL of its chunked twin. Anything else is refused with a Status. */
export class WebSocketWatch {
  readonly #options: WebSocketWatchOptions;
  readonly #heartbeat: Heartbeat;
  readonly #server = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: maxClientFrameBytes, clientTracking: false });

  constructor(options: WebSocketWatchOptions) {
    this.#options = options;
    this.#heartbeat = new Heartbeat(options.clock);
  }

  /** The listener for a server's `upgrade` event. */
  readonly handle = (request: IncomingMessage, wire: Socket, head: Buffer): void => {
    wire.on('error', () => wire.destroy());
    void this.#upgrade(request, wire, head).catch((error: unknown) => refuse(wire, error));
  };

  async #upgrade(request: IncomingMessage, wire: Socket, head: Buffer): Promise<void> {
    const session = await this.#prepare(request);
    this.#server.handleUpgrade(request, wire, head, (socket) => void this.#serve(session, socket, wire));
  }

  async #prepare(request: IncomingMessage): Promise<WatchSession> {
    const context = await admitRequest(this.#options.gate, request);
    if (String(request.headers.upgrade).toLowerCase() !== 'websocket') throw newBadRequest('only upgrades to websocket are served');
    if (context.info.verb !== 'watch') throw newBadRequest('only a watch can be upgraded: the query has no watch=true');
    return new WatchSession(this.#options.endpointFor(context), context.info, request.headers.accept);
  }

  async #serve(session: WatchSession, socket: WebSocket, wire: Socket): Promise<void> {
    const gone = new AbortController();
    socket.on('error', () => socket.terminate());
    socket.once('close', () => gone.abort());
    this.#heartbeat.watch(socket);
    await session.run(new WebSocketSink(socket, wire, this.#options.clock), gone.signal);
    if (wire.writableLength >= highWaterBytes) socket.terminate();
    else socket.close(goingAway, 'the watch is over');
  }
}

function refuse(wire: Socket, error: unknown): void {
  const { code, status } = toStatusError(error);
  const body = JSON.stringify(status);
  wire.end(`HTTP/1.1 ${code} ${status.reason ?? 'Error'}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`);
}
