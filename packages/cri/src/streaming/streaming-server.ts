import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { systemClock } from '@podling/shared/util';
import type { Clock, Logger } from '@podling/shared/util';
import { CriError } from '../cri.ts';
import type { AttachRequest, ExecRequest, RuntimeService } from '../cri.ts';
import type { StreamRequest } from './stream-request.ts';
import { StreamTokens } from './stream-tokens.ts';
import { StreamUpgrader } from './stream-upgrader.ts';
import { isUpgradeTo, refuse } from './upgrade.ts';

export interface StreamingServerOptions {
  runtime: Pick<RuntimeService, 'exec' | 'attach' | 'portForward'>;
  /** `host:port`; port 0 takes a free one. Default 127.0.0.1:0: who has a URL may use it, so it is not for other machines. */
  address?: string;
  clock?: Clock;
  logger: Logger;
}

/**
 * Serves the streams that CRI's Exec, Attach and PortForward answer with a URL for: each URL once, within a minute.
 * Twin: k8s.io/kubelet/pkg/cri/streaming.
 */
export class StreamingServer {
  readonly #options: StreamingServerOptions;
  readonly #tokens: StreamTokens<StreamRequest>;
  readonly #upgrader: StreamUpgrader;
  readonly #http: Server;
  readonly #sockets = new Set<Socket>();
  #origin = '';

  constructor(options: StreamingServerOptions) {
    const { clock = systemClock, logger } = options;
    this.#options = options;
    this.#tokens = new StreamTokens(clock);
    this.#upgrader = new StreamUpgrader({ clock, logger });
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

  /** Fails with `InvalidArgument` where it cannot listen. */
  async start(): Promise<void> {
    const { address = '127.0.0.1:0' } = this.#options;
    const hostname = await this.#listen(address).catch((cause: Error) => {
      throw new CriError('InvalidArgument', `streams cannot be served at --streaming-address ${address}: ${cause.message}`, { cause });
    });
    this.#origin = `http://${hostname}:${(this.#http.address() as AddressInfo).port}`;
  }

  /** Resolves with the host, as a URL has it. */
  async #listen(address: string): Promise<string> {
    const { hostname, port } = new URL(`tcp://${address}`);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#http.once('error', reject).listen(Number(port || 0), hostname.replaceAll(/[[\]]/g, ''), resolve);
    await promise;
    return hostname;
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

  /** `ports`: those that a client of the v4 channel form wants. */
  portForward(sandboxId: string, ports: readonly number[] = []): string {
    return this.#url({ kind: 'portforward', ports, dial: (port) => this.#options.runtime.portForward(sandboxId, port) });
  }

  #url(request: StreamRequest): string {
    return `${this.#origin}/${request.kind}/${this.#tokens.put(request)}`;
  }

  #upgrade(message: IncomingMessage, socket: Socket, head: Buffer): void {
    const [, kind, token = ''] = /^\/(exec|attach|portforward)\/([\w-]+)$/.exec(message.url ?? '') ?? [];
    if (!isUpgradeTo(message, 'SPDY/3.1') && !isUpgradeTo(message, 'websocket')) return refuse(socket, 400, 'unable to upgrade: SPDY/3.1 and websocket are spoken here');
    const request = this.#tokens.take(token);
    if (request === undefined || request.kind !== kind) return refuse(socket, 404, 'no such stream: each may be fetched once, within a minute');
    this.#upgrader.upgrade(request, message, socket, head);
  }
}
