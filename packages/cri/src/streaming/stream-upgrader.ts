import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createWebSocketStream, WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { SpdyConnection } from '@podling/shared/spdy';
import { systemClock } from '@podling/shared/util';
import type { Clock, Logger } from '@podling/shared/util';
import type { StreamSession } from '../cri.ts';
import { ChannelSocket } from './channel-socket.ts';
import { serveCommand } from './command-channels.ts';
import type { CommandOptions } from './command-channels.ts';
import { MAX_CHANNEL_PORTS, serveForwardChannels } from './forward-channels.ts';
import { Liveness } from './liveness.ts';
import type { Lively } from './liveness.ts';
import { portForwardProtocol, PortForwardStreams } from './port-forward-streams.ts';
import { spdyCommandProtocols, SpdyStreams } from './spdy-channels.ts';
import type { CommandRequest, ForwardRequest, StreamRequest } from './stream-request.ts';
import { acceptSpdy, cannotNegotiate, isUpgradeTo, negotiate, refuse } from './upgrade.ts';
import { websocketChannels, websocketProtocols } from './websocket-channels.ts';

export interface StreamUpgraderOptions {
  /** How long a connection on which nothing is said is kept. Default 4 hours, Kubernetes' streamingConnectionIdleTimeout. */
  idleTimeoutMs?: number;
  /** Whether a command that cannot be started ends as in a shell: why on its stderr, then 126 or 127. Default: in an error, as CRI has it. */
  startFailureExits?: boolean;
  clock?: Clock;
  logger: Logger;
}

const IDLE_MS = 4 * 60 * 60_000;
const MAX_MESSAGE_BYTES = 1024 * 1024;
/** What a client that is gone has sent may still be read for so long. */
const LINGER_MS = 5_000;
/** SPDY within the messages of a WebSocket, as kubectl forwards ports. */
const tunnelProtocol = `SPDY/3.1+${portForwardProtocol}`;
const forwardProtocols = ['v4.channel.k8s.io', 'v4.base64.channel.k8s.io'] as const;

/**
 * Turns a connection into the streams of a command, or into ones to ports, in whichever of Kubernetes' protocols its client
 * speaks: SPDY/3.1 or WebSocket. Upstream twins: k8s.io/kubelet/pkg/cri/streaming, apiserver's `StreamTranslatorHandler`
 * and `TunnelingHandler`.
 */
export class StreamUpgrader {
  readonly #idleMs: number;
  readonly #startFailureExits: boolean;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #commands = websocketServer(firstOf(websocketProtocols));
  readonly #forwards = websocketServer(firstOf(forwardProtocols));
  readonly #tunnels = websocketServer(() => tunnelProtocol);

  constructor({ idleTimeoutMs = IDLE_MS, startFailureExits = false, clock = systemClock, logger }: StreamUpgraderOptions) {
    this.#idleMs = idleTimeoutMs;
    this.#startFailureExits = startFailureExits;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Answers an upgrade, with 101 or with why not; the connection is its own from then on. `head`: what came after the headers. */
  upgrade(request: StreamRequest, message: IncomingMessage, socket: Socket, head: Buffer): void {
    const isSpdy = isUpgradeTo(message, 'SPDY/3.1');
    if (!isSpdy && !isUpgradeTo(message, 'websocket')) return refuse(socket, 400, 'unable to upgrade: SPDY/3.1 and websocket are spoken here');
    if (isSpdy) this.#spdy(request, message, socket, head);
    else if (request.kind === 'portforward') this.#forwardByWebsocket(request, message, socket, head);
    else this.#commandByWebsocket(request, message, socket, head);
  }

  #spdy(request: StreamRequest, { headers }: IncomingMessage, socket: Socket, head: Buffer): void {
    const offered = headers['x-stream-protocol-version'];
    const ours: readonly string[] = request.kind === 'portforward' ? [portForwardProtocol] : spdyCommandProtocols;
    const protocol = negotiate(offered, ours);
    if (protocol === undefined) return refuse(socket, 403, cannotNegotiate(offered, ours));
    acceptSpdy(socket, protocol);
    if (request.kind === 'portforward') this.#forwardBySpdy(request, socket, head);
    else void this.#commandBySpdy(request, socket, head);
  }

  #forwardBySpdy({ dial }: ForwardRequest, socket: Duplex, head?: Buffer): void {
    const streams = new PortForwardStreams(dial, this.#clock);
    const connection = new SpdyConnection(socket, { role: 'server', onStream: (stream) => streams.add(connection, stream) }, head);
    void connection.closed.then(() => streams.close());
    this.#keepSpdyAlive(connection, socket);
  }

  async #commandBySpdy({ kind, streams, open }: CommandRequest, socket: Socket, head: Buffer): Promise<void> {
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
    this.#keepSpdyAlive(connection, socket);
    try {
      const session = (): Promise<StreamSession> => open().finally(opened.resolve);
      await serveCommand(await expected.channels(connection, this.#clock), { open: session, ...this.#endings(kind) });
    } catch (error) {
      this.#logger.info({ err: error }, 'stream not served');
      connection.close();
    }
  }

  #endings(kind: CommandRequest['kind']): Omit<CommandOptions, 'open'> {
    return { tellsExitCode: kind === 'exec', startFailureExits: kind === 'exec' && this.#startFailureExits };
  }

  #commandByWebsocket({ kind, streams, open }: CommandRequest, message: IncomingMessage, socket: Socket, head: Buffer): void {
    const offered = message.headers['sec-websocket-protocol'];
    if (negotiate(offered, websocketProtocols) === undefined) return refuse(socket, 403, cannotNegotiate(offered, websocketProtocols));
    this.#commands.handleUpgrade(message, socket, head, (websocket) => {
      const channels = new ChannelSocket(websocket);
      this.#keepWebsocketAlive(channels, websocket);
      void serveCommand(websocketChannels(channels, streams, websocket.protocol !== 'v5.channel.k8s.io'), { open, ...this.#endings(kind) });
    });
  }

  #forwardByWebsocket(request: ForwardRequest, message: IncomingMessage, socket: Socket, head: Buffer): void {
    const offered = message.headers['sec-websocket-protocol'];
    const ours = [tunnelProtocol, ...forwardProtocols];
    const protocol = negotiate(offered, ours);
    if (protocol === undefined) return refuse(socket, 403, cannotNegotiate(offered, ours));
    if (protocol === tunnelProtocol) return this.#tunnel(request, message, socket, head);
    if (request.ports.length === 0) return refuse(socket, 400, 'query parameter "port" is required');
    if (request.ports.length > MAX_CHANNEL_PORTS) return refuse(socket, 400, `no more than ${MAX_CHANNEL_PORTS} ports fit into one connection`);
    this.#forwards.handleUpgrade(message, socket, head, (websocket) => {
      const channels = new ChannelSocket(websocket);
      this.#keepWebsocketAlive(channels, websocket);
      void serveForwardChannels(channels, request, this.#clock);
    });
  }

  /** The protocol's name has a slash, which `ws` takes for nonsense in a list: it is read here, and said as it must be. */
  #tunnel(request: ForwardRequest, message: IncomingMessage, socket: Socket, head: Buffer): void {
    message.headers['sec-websocket-protocol'] = portForwardProtocol;
    this.#tunnels.handleUpgrade(message, socket, head, (websocket) => this.#forwardBySpdy(request, tunnel(websocket, this.#clock)));
  }

  #keepSpdyAlive(connection: SpdyConnection, socket: Duplex): void {
    this.#keepAlive(connection.closed, {
      ping: () => connection.ping(), heard: () => connection.heard, said: () => connection.said, sent: () => connection.sent, listens: () => connection.listens, end: () => socket.destroy(),
    });
  }

  #keepWebsocketAlive(channels: ChannelSocket, websocket: WebSocket): void {
    let pongs = 0;
    websocket.on('pong', () => (pongs += 1)).on('ping', () => (pongs += 1));
    this.#keepAlive(channels.closed, {
      ping: () => websocket.ping(), heard: () => pongs + channels.received, said: () => channels.received + channels.sent, sent: () => channels.sent, listens: () => !websocket.isPaused, end: () => websocket.terminate(),
    });
  }

  #keepAlive(closed: Promise<void>, lively: Lively): void {
    const liveness = new Liveness(lively, this.#idleMs, this.#clock);
    void closed.then(() => liveness.stop());
  }
}

function websocketServer(choose: (offered: Set<string>) => string | false): WebSocketServer {
  return new WebSocketServer({ noServer: true, clientTracking: false, perMessageDeflate: false, maxPayload: MAX_MESSAGE_BYTES, handleProtocols: choose });
}

function firstOf(protocols: readonly string[]): (offered: Set<string>) => string | false {
  return (offered) => protocols.find((name) => offered.has(name)) ?? false;
}

/** The bytes of its messages, whatever their bounds. A client that is gone does not wait for a pod that reads nothing. */
function tunnel(websocket: WebSocket, clock: Clock): Duplex {
  const stream = createWebSocketStream(websocket);
  websocket.once('close', () => {
    const timer = clock.setTimeout(() => stream.destroy(), LINGER_MS);
    stream.once('end', () => timer.cancel());
  });
  return stream;
}
