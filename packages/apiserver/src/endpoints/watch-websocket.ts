import type { Socket } from 'node:net';
import type { Request, Response } from 'express';
import { WebSocket, WebSocketServer } from 'ws';
import type { Clock } from '@podling/shared/util';
import { newBadRequest } from '@podling/shared/api';
import { takeOver } from '@podling/shared/upgrade';
import { drained, highWaterBytes } from './back-pressure.ts';
import type { Endpoint } from './endpoint.ts';
import { webSocketFraming } from './encode.ts';
import { contextOf } from './request-context.ts';
import { WatchSession } from './watch-session.ts';
import type { WatchSink } from './watch-session.ts';

const maxClientFrameBytes = 64 * 1024;
const goingAway = 1001;

/**
 * One text frame an event, framed here, so that the frames of one write and their bytes can be shared. The socket's own
 * frames (ping, pong, close) leave at once and whole too, so they never end up within ours.
 */
class WebSocketSink implements WatchSink {
  readonly framing = webSocketFraming;
  readonly #upgrade: (ready: (socket: WebSocket) => void) => void;
  readonly #wire: Socket;
  readonly #clock: Clock;
  #socket: WebSocket | undefined;

  constructor(upgrade: (ready: (socket: WebSocket) => void) => void, wire: Socket, clock: Clock) {
    this.#upgrade = upgrade;
    this.#wire = wire;
    this.#clock = clock;
  }

  /** Says yes to the handshake; a wrong one is refused there, and the wire closed. */
  open(): void {
    if (this.#socket !== undefined || this.#wire.destroyed) return;
    this.#upgrade((socket) => {
      this.#socket = socket;
    });
  }

  send(events: Buffer): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#wire.write(events);
  }

  pressure(): Promise<boolean> | undefined {
    return this.#wire.writableLength < highWaterBytes ? undefined : drained(this.#wire, this.#clock);
  }

  close(keptUp: boolean): void {
    if (this.#socket === undefined) this.#wire.destroy();
    else if (!keptUp) this.#socket.terminate();
    else this.#socket.close(goingAway, 'the watch is over');
  }
}

const server = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: maxClientFrameBytes, clientTracking: false });

/** Watch over a WebSocket, on the URL of its chunked twin: one text frame an event. */
export async function handleWatchWebSocket(endpoint: Endpoint, request: Request, response: Response): Promise<void> {
  if (String(request.headers.upgrade).toLowerCase() !== 'websocket') throw newBadRequest('only upgrades to websocket are served');
  const session = new WatchSession(endpoint, contextOf(request).info, request.headers.accept);
  const { services } = endpoint;
  const { wire, head } = takeOver(request, response);
  const gone = new AbortController();
  wire.once('close', () => gone.abort());
  const upgrade = (ready: (socket: WebSocket) => void): void =>
    server.handleUpgrade(request, wire, head, (socket) => {
      socket.on('error', () => socket.terminate());
      socket.once('close', () => gone.abort());
      services.heartbeat.watch(socket);
      ready(socket);
    });
  const sink = new WebSocketSink(upgrade, wire, services.clock);
  sink.close(await session.run(sink, gone.signal));
}
