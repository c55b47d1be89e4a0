import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocketServer } from 'ws';
import { SpdyConnection } from '@podling/shared/spdy';
import { systemClock } from '@podling/shared/util';
import type { Clock, Logger } from '@podling/shared/util';
import type { AttachRequest, ExecRequest, RuntimeService, StreamSession } from '../cri.ts';
import { serveCommand } from './command-channels.ts';
import { failureStatus } from './command-status.ts';
import { portForwardProtocol, PortForwardStreams } from './port-forward-streams.ts';
import { spdyCommandProtocols, SpdyStreams } from './spdy-channels.ts';
import { StreamTokens } from './stream-tokens.ts';
import { acceptSpdy, cannotNegotiate, isUpgradeTo, negotiate, refuse } from './upgrade.ts';
import { websocketChannels, websocketProtocols } from './websocket-channels.ts';

export interface StreamingServerOptions {
  runtime: Pick<RuntimeService, 'exec' | 'attach' | 'portForward'>;
  /** `host:port`; port 0 takes a free one. Default 127.0.0.1:0: who has a URL may use it, so it is not for other machines. */
  address?: string;
  clock?: Clock;
  logger: Logger;
}

/** What is behind a URL. */
type StreamRequest =
  | { kind: 'exec' | 'attach'; streams: AttachRequest; open: () => Promise<StreamSession> }
  | { kind: 'portforward'; sandboxId: string };

/** Kubernetes' streamingConnectionIdleTimeout. */
const IDLE_MS = 4 * 60 * 60_000;
const MAX_MESSAGE_BYTES = 1024 * 1024;

/**
 * Serves the streams that CRI's Exec, Attach and PortForward answer with a URL for: each URL once, within a minute.
 * Clients speak SPDY/3.1, or WebSocket (exec and attach). Twin: k8s.io/kubelet/pkg/cri/streaming.
 */
export class StreamingServer {
  readonly #options: StreamingServerOptions;
  readonly #clock: Clock;
  readonly #tokens: StreamTokens<StreamRequest>;
  readonly #http: Server;
  readonly #websockets = new WebSocketServer({
    noServer: true, perMessageDeflate: false, maxPayload: MAX_MESSAGE_BYTES,
    handleProtocols: (offered) => websocketProtocols.find((name) => offered.has(name)) ?? false,
  });
  readonly #sockets = new Set<Socket>();
  #origin = '';

  constructor(options: StreamingServerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#tokens = new StreamTokens(this.#clock);
    this.#http = createServer((request, response) => {
      request.resume();
      response.writeHead(400, { 'content-type': 'text/plain', connection: 'close' }).end('you must ask for an upgrade to SPDY/3.1 or websocket\n');
    });
    this.#http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket as Socket, head));
    this.#http.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  async start(): Promise<void> {
    const { address = '127.0.0.1:0' } = this.#options;
    const { hostname, port } = new URL(`tcp://${address}`);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#http.once('error', reject).listen(Number(port || 0), hostname.replaceAll(/[[\]]/g, ''), resolve);
    await promise;
    this.#origin = `http://${hostname}:${(this.#http.address() as AddressInfo).port}`;
  }

  /** With every stream. */
  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#http.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  exec(containerId: string, request: ExecRequest): string {
    return this.#url({ kind: 'exec', streams: request, open: () => this.#options.runtime.exec(containerId, request) });
  }

  attach(containerId: string, request: AttachRequest): string {
    return this.#url({ kind: 'attach', streams: request, open: () => this.#options.runtime.attach(containerId, request) });
  }

  portForward(sandboxId: string): string {
    return this.#url({ kind: 'portforward', sandboxId });
  }

  #url(request: StreamRequest): string {
    return `${this.#origin}/${request.kind}/${this.#tokens.put(request)}`;
  }

  #upgrade(message: IncomingMessage, socket: Socket, head: Buffer): void {
    const [, kind, token = ''] = /^\/(exec|attach|portforward)\/([\w-]+)$/.exec(message.url ?? '') ?? [];
    const isSpdy = isUpgradeTo(message, 'SPDY/3.1');
    if (!isSpdy && !isUpgradeTo(message, 'websocket')) return refuse(socket, 400, 'unable to upgrade: SPDY/3.1 and websocket are spoken here');
    const request = this.#tokens.take(token);
    if (request === undefined || request.kind !== kind) return refuse(socket, 404, 'no such stream: each may be fetched once, within a minute');
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    if (isSpdy) this.#spdy(request, message, socket, head);
    else this.#websocket(request, message, socket, head);
  }

  #spdy(request: StreamRequest, { headers }: IncomingMessage, socket: Socket, head: Buffer): void {
    const offered = headers['x-stream-protocol-version'];
    const ours: readonly string[] = request.kind === 'portforward' ? [portForwardProtocol] : spdyCommandProtocols;
    const protocol = negotiate(offered, ours);
    if (protocol === undefined) return refuse(socket, 403, cannotNegotiate(offered, ours));
    acceptSpdy(socket, protocol);
    if (request.kind === 'portforward') this.#forward(request.sandboxId, socket, head);
    else void this.#command(request, socket, head);
  }

  #forward(sandboxId: string, socket: Socket, head: Buffer): void {
    const streams = new PortForwardStreams((port) => this.#options.runtime.portForward(sandboxId, port), this.#clock);
    const connection = new SpdyConnection(socket, { role: 'server', onStream: (stream) => streams.add(connection, stream) }, head);
  }

  async #command({ kind, streams, open }: Exclude<StreamRequest, { kind: 'portforward' }>, socket: Socket, head: Buffer): Promise<void> {
    const expected = new SpdyStreams(streams);
    const opened = Promise.withResolvers<void>();
    const connection: SpdyConnection = new SpdyConnection(socket, {
      role: 'server',
      onStream: (stream) => {
        if (!expected.add(stream)) stream.destroy();
        else if (!expected.isComplete) connection.reply(stream);
        // Who waits for its last stream misses nothing that the process says from then on.
        else void opened.promise.then(() => connection.reply(stream));
      },
    }, head);
    try {
      const session = (): Promise<StreamSession> => open().finally(opened.resolve);
      await serveCommand(await expected.channels(connection, this.#clock), { open: session, tellsExitCode: kind === 'exec' });
    } catch (error) {
      this.#options.logger.info({ err: error }, 'stream not served');
      connection.close();
    }
  }

  #websocket(request: StreamRequest, message: IncomingMessage, socket: Socket, head: Buffer): void {
    const offered = message.headers['sec-websocket-protocol'];
    if (request.kind === 'portforward') return refuse(socket, 403, cannotNegotiate(offered, [`SPDY/3.1 ${portForwardProtocol}`]));
    if (negotiate(offered, websocketProtocols) === undefined) return refuse(socket, 403, cannotNegotiate(offered, websocketProtocols));
    this.#websockets.handleUpgrade(message, socket, head, (websocket) => {
      const channels = websocketChannels(websocket, request.streams);
      serveCommand(channels, { open: request.open, tellsExitCode: request.kind === 'exec' }).catch((error: unknown) => channels.finish(failureStatus(error)));
    });
  }
}
