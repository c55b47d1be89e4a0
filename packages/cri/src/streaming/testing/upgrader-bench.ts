import { once } from 'node:events';
import { createServer, request as send } from 'node:http';
import type { ClientRequest, IncomingMessage, Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { FakeClock } from '@podling/shared/testing';
import { pino } from 'pino';
import { WebSocket } from 'ws';
import type { AttachRequest, StreamSession, TerminalSize } from '../../cri.ts';
import type { StreamRequest } from '../stream-request.ts';
import { StreamUpgrader } from '../stream-upgrader.ts';
import type { StreamUpgraderOptions } from '../stream-upgrader.ts';

/** A process in memory: the test is what runs in it. */
export class ScriptedSession implements StreamSession {
  readonly stdin: PassThrough | undefined;
  readonly stdout: PassThrough | undefined;
  readonly stderr: PassThrough | undefined;
  readonly sizes: TerminalSize[] = [];
  readonly #exit = Promise.withResolvers<number>();
  readonly exited = this.#exit.promise;
  closes = 0;

  constructor({ stdin, stdout, stderr, tty }: AttachRequest) {
    this.stdin = stdin ? new PassThrough() : undefined;
    this.stdout = stdout ? new PassThrough() : undefined;
    this.stderr = stderr && !tty ? new PassThrough() : undefined;
    this.exited.catch(() => undefined);
  }

  exit(code: number): void {
    this.stdout?.end();
    this.stderr?.end();
    this.#exit.resolve(code);
  }

  fail(error: Error): void {
    this.stdout?.end();
    this.stderr?.end();
    this.#exit.reject(error);
  }

  async resize(size: TerminalSize): Promise<void> {
    this.sizes.push(size);
  }

  async close(): Promise<void> {
    this.closes += 1;
  }
}

/** What a client has been told, by channel. */
export class ChannelClient {
  readonly socket: WebSocket;
  readonly #heard = new Map<number, Buffer[]>();
  readonly closed: Promise<number>;

  constructor(socket: WebSocket) {
    this.socket = socket;
    this.closed = once(socket, 'close').then(([code]) => code as number);
    socket.on('error', () => undefined);
    socket.on('message', (message: Buffer) => {
      const [channel = -1] = message;
      this.#heard.set(channel, [...(this.#heard.get(channel) ?? []), message.subarray(1)]);
    });
  }

  say(channel: number, data: string | Buffer): void {
    this.socket.send(Buffer.concat([Buffer.from([channel]), Buffer.from(data)]));
  }

  bytes(channel: number): Buffer {
    return Buffer.concat(this.#heard.get(channel) ?? []);
  }

  heard(channel: number): string {
    return this.bytes(channel).toString();
  }

  get status(): unknown {
    return JSON.parse(this.heard(3));
  }
}

/** A server that gives each upgrade to a `StreamUpgrader`, with `request` for what it is about. */
export class UpgraderBench {
  readonly clock = new FakeClock();
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #clients: WebSocket[] = [];
  request: StreamRequest | undefined;

  constructor(options: Partial<StreamUpgraderOptions> = {}) {
    const upgrader = new StreamUpgrader({ clock: this.clock, logger: pino({ level: 'silent' }), ...options });
    this.#server = createServer();
    this.#server.on('connection', (socket) => this.#sockets.add(socket.once('close', () => this.#sockets.delete(socket)).on('error', () => undefined)));
    this.#server.on('upgrade', (message, socket, head) => this.request && upgrader.upgrade(this.request, message, socket as Socket, head));
  }

  /** Connections that are open. */
  get connections(): number {
    return this.#sockets.size;
  }

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.terminate();
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Exec of a process in memory. */
  command(streams: AttachRequest): ScriptedSession {
    const session = new ScriptedSession(streams);
    this.request = { kind: 'exec', streams, open: async () => session };
    return session;
  }

  async websocket(protocols: string[], options: object = {}): Promise<WebSocket> {
    const socket = this.#client(protocols, options);
    await once(socket, 'open');
    return socket;
  }

  async channels(protocol = 'v5.channel.k8s.io', options: object = {}): Promise<ChannelClient> {
    // Listens before anything can come.
    const client = new ChannelClient(this.#client([protocol], options));
    await once(client.socket, 'open');
    return client;
  }

  /** `ws` takes the name of this protocol for nonsense, so it is asked for past it. */
  async tunnel(): Promise<WebSocket> {
    const finishRequest = (request: ClientRequest): void => {
      request.prependListener('upgrade', (answer: IncomingMessage) => delete answer.headers['sec-websocket-protocol']);
      request.end();
    };
    const socket = this.#client([], { headers: { 'sec-websocket-protocol': 'SPDY/3.1+portforward.k8s.io' }, finishRequest });
    await once(socket, 'open');
    return socket.on('error', () => undefined);
  }

  /** An upgrade with any headers: the answer, and the socket if it was 101. */
  async upgrade(headers: Record<string, string>): Promise<{ answer: IncomingMessage; socket?: Socket; text: string }> {
    const outgoing = send({ port: this.#port, host: '127.0.0.1', method: 'POST', headers: { connection: 'Upgrade', ...headers } });
    outgoing.end();
    const answered = Promise.withResolvers<{ answer: IncomingMessage; socket?: Socket }>();
    outgoing.once('upgrade', (answer, socket) => answered.resolve({ answer, socket: socket as Socket })).once('response', (answer) => answered.resolve({ answer })).once('error', answered.reject);
    const result = await answered.promise;
    let text = '';
    if (result.socket === undefined) for await (const chunk of result.answer) text += String(chunk);
    return { ...result, text };
  }

  #client(protocols: string[], options: object): WebSocket {
    const socket = new WebSocket(`ws://127.0.0.1:${this.#port}/`, protocols, { perMessageDeflate: false, ...options });
    this.#clients.push(socket);
    return socket;
  }

  get #port(): number {
    return (this.#server.address() as AddressInfo).port;
  }
}
