import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { defaultLogLimits, type LogLimits } from '../../log-path.ts';
import { ContainerLog } from './container-log.ts';
import { LineSplitter } from './protocol.ts';
import type { LogReply, LogRequest, LogRequestLine } from './protocol.ts';

export interface LogServerOptions {
  socketPath: string;
  now: () => string;
  onError: (container: string, error: unknown) => void;
  onShutdown: () => void;
  /** There is nothing to do: nobody has been connected and no container known for a while. */
  onIdle: () => void;
  idleMs?: number;
}

/** Longer than a restart of its owner takes. */
const IDLE_MS = 60_000;

/** The log process' heart: the containers that are being read, and the socket that says which. */
export class LogServer {
  readonly #options: LogServerOptions;
  readonly #logs = new Map<string, ContainerLog>();
  /** One object for all logs, so that a change reaches those that are open. */
  readonly #limits: LogLimits = { ...defaultLogLimits };
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #idle: NodeJS.Timeout | undefined;

  constructor(options: LogServerOptions) {
    this.#options = options;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#options.socketPath, () => {
        this.#lookIdle();
        resolve();
      });
    });
  }

  /** Writes what was read and lets go of every FIFO. */
  async close(): Promise<void> {
    clearTimeout(this.#idle);
    this.#server.close();
    for (const log of this.#logs.values()) log.detach();
    await Promise.all([...this.#logs.values()].map((log) => log.close()));
  }

  #lookIdle(): void {
    clearTimeout(this.#idle);
    if (this.#sockets.size > 0 || this.#logs.size > 0) return;
    this.#idle = setTimeout(() => this.#options.onIdle(), this.#options.idleMs ?? IDLE_MS);
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    this.#lookIdle();
    socket.on('close', () => {
      this.#sockets.delete(socket);
      this.#lookIdle();
    });
    const lines = new LineSplitter();
    socket.setEncoding('utf8');
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: string) => {
      for (const line of lines.push(chunk)) void this.#answer(socket, line);
    });
  }

  async #answer(socket: Socket, line: string): Promise<void> {
    const request = parse(line);
    if (request === undefined) {
      socket.destroy();
      return;
    }
    const { sequence } = request;
    const reply = await this.#handle(request).catch((error: unknown) => ({ error: String(error) }));
    socket.write(`${JSON.stringify({ sequence, ...reply })}\n`);
    if (request.op === 'attach') this.#attach(socket, request);
    if (request.op === 'shutdown') socket.end(() => this.#options.onShutdown());
  }

  async #handle(request: LogRequest): Promise<Omit<LogReply, 'sequence'>> {
    if (request.op === 'open') this.#open(request);
    else if (request.op === 'limits') Object.assign(this.#limits, { maxBytes: request.maxBytes ?? Number.POSITIVE_INFINITY, maxFiles: request.maxFiles });
    else if (request.op === 'reopen') this.#logs.get(request.container)?.reopen();
    else if (request.op === 'drain') await this.#drain(request.container, request.timeoutMs);
    else if (request.op === 'attach') return { attached: this.#logs.has(request.container) };
    else if (request.op === 'list') return { containers: [...this.#logs.keys()] };
    return {};
  }

  #open({ container, stdout, stderr, logPath }: LogRequest & { op: 'open' }): void {
    if (this.#logs.has(container)) return;
    const { now, onError } = this.#options;
    const log = new ContainerLog({ stdout, stderr, logPath, limits: this.#limits, now, onError: (error) => onError(container, error) });
    // It stays here after its end, until `drain`: a FIFO opened again has no writer and would never end.
    this.#logs.set(container, log);
  }

  #attach(socket: Socket, { container, streams }: LogRequest & { op: 'attach' }): void {
    const log = this.#logs.get(container);
    if (log === undefined) socket.end();
    else log.attach(socket, streams);
  }

  async #drain(container: string, timeoutMs: number): Promise<void> {
    const log = this.#logs.get(container);
    if (log === undefined) return;
    const timeout = Promise.withResolvers<void>();
    const timer = setTimeout(timeout.resolve, timeoutMs);
    await Promise.race([log.ended, timeout.promise]);
    clearTimeout(timer);
    await log.close();
    this.#logs.delete(container);
    this.#lookIdle();
  }
}

function parse(line: string): LogRequestLine | undefined {
  try {
    return JSON.parse(line) as LogRequestLine;
  } catch {
    return undefined;
  }
}
