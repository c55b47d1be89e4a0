import type { Socket } from 'node:net';
import type { Request, Response } from 'express';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import type { Clock } from '@podling/shared/util';
import { newBadRequest } from '@podling/shared/api';
import { drained, highWaterBytes } from './back-pressure.ts';
import type { Endpoint, EndpointServices } from './endpoint.ts';
import { webSocketFraming } from './encode.ts';
import { contextOf } from './request-context.ts';
import { takeOver } from './upgrade.ts';
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
  readonly #socket: WebSocket;
  readonly #wire: Socket;
  readonly #clock: Clock;

  constructor(socket: WebSocket, wire: Socket, clock: Clock) {
    this.#socket = socket;
    this.#wire = wire;
    this.#clock = clock;
  }

  open(): void {
    // The handshake has said it already.
  }

  send(events: Buffer): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#wire.write(events);
  }

  pressure(): Promise<boolean> | undefined {
    return this.#wire.writableLength < highWaterBytes ? undefined : drained(this.#wire, this.#clock);
  }
}

const server = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: maxClientFrameBytes, clientTracking: false });

/** Watch over a WebSocket, on the URL of its chunked twin: one text frame an event. */
export async function handleWatchWebSocket(endpoint: Endpoint, request: Request, response: Response): Promise<void> {
  if (String(request.headers.upgrade).toLowerCase() !== 'websocket') throw newBadRequest('only upgrades to websocket are served');
  const session = new WatchSession(endpoint, contextOf(request).info, request.headers.accept);
  const { wire, head } = takeOver(request, response);
  const socket = await new Promise<WebSocket>((resolve) => server.handleUpgrade(request, wire, head, resolve));
  await serve(session, { socket, wire, services: endpoint.services });
}

async function serve(session: WatchSession, { socket, wire, services }: { socket: WebSocket; wire: Socket; services: EndpointServices }): Promise<void> {
  const gone = new AbortController();
  socket.on('error', () => socket.terminate());
  socket.once('close', () => gone.abort());
  services.heartbeat.watch(socket);
  await session.run(new WebSocketSink(socket, wire, services.clock), gone.signal);
  if (wire.writableLength >= highWaterBytes) socket.terminate();
  else socket.close(goingAway, 'the watch is over');
}
