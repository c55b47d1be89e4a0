import { closeSync, mkdirSync, openSync, statSync, truncateSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exponentialBackoff } from '@podling/shared/util';
import type { Clock, Logger, Timer } from '@podling/shared/util';
import { CriError } from '../cri.ts';
import type { LogLimits } from '../log-path.ts';
import { spawnDetached } from './exec.ts';
import { killLogProcess } from './kill-log-process.ts';
import { errorLogName, LineSplitter, MAX_ERROR_LOG_BYTES, socketName } from './log-process/protocol.ts';
import type { LogReply, LogRequest } from './log-process/protocol.ts';

export type LogSender = (request: LogRequest) => Promise<LogReply>;

export interface LogClientOptions {
  stateDir: string;
  /** Told to each log process. Left out: they are for others to say. */
  logLimits?: Readonly<LogLimits>;
  clock: Clock;
  logger: Logger;
  /** After each connection: the place to open what runs, since the log process may be a new one. */
  onConnected: (send: LogSender) => Promise<void>;
  /** Before a log process that hangs is killed: keeps what nobody has read yet, until the returned function is called. */
  keepUnread: () => () => void;
}

interface Waiter {
  resolve: (reply: LogReply) => void;
  reject: (error: CriError) => void;
  timer: Timer;
}

/** What a request may take beyond the time that it asks for itself. */
export const REQUEST_TIMEOUT_MS = 10_000;
const START_TIMEOUT_MS = 10_000;
const KILL_TIMEOUT_MS = 5_000;
const POLL_MS = 20;

/** The runtime's line to the log process: starts it on demand, notices its death and starts it again. One that does not answer in time is killed. */
export class LogClient {
  readonly #options: LogClientOptions;
  readonly #waiters = new Map<number, Waiter>();
  #connecting: Promise<Socket> | undefined;
  #killing: Promise<void> | undefined;
  #releaseUnread: (() => void) | undefined;
  #socket: Socket | undefined;
  #sequence = 0;
  #closed = false;

  constructor(options: LogClientOptions) {
    this.#options = options;
  }

  /** Connects to a running log process, or starts one; keeps trying until `close`. */
  start(): void {
    void this.#keepTrying();
  }

  /** Fails with `Unavailable` or `DeadlineExceeded` when there is no answer, with `Unknown` when the answer is a refusal. */
  async request(request: LogRequest): Promise<LogReply> {
    return this.#send(await this.#connected(), request);
  }

  /** Lets go of the connection; the log process goes on. */
  close(): void {
    this.#closed = true;
    this.#letGo();
    this.#socket?.destroy();
  }

  #connected(): Promise<Socket> {
    if (this.#closed) return Promise.reject(new CriError('Unavailable', 'the runtime is closed'));
    if (this.#connecting !== undefined) return this.#connecting;
    const connecting = this.#connect().catch((error: unknown) => {
      if (this.#connecting === connecting) this.#connecting = undefined;
      throw error;
    });
    this.#connecting = connecting;
    return connecting;
  }

  async #connect(): Promise<Socket> {
    await this.#killing;
    const path = join(this.#options.stateDir, socketName);
    const socket = (await tryConnect(path)) ?? (await this.#start(path));
    this.#attach(socket);
    try {
      this.#tellLimits(socket);
      await this.#options.onConnected((request) => this.#send(socket, request));
      this.#letGo();
    } catch (error) {
      if (this.#socket === socket) this.#drop();
      throw error;
    }
    return socket;
  }

  /** Before anything else; the answer, under a number that nobody waits for, is of no interest. */
  #tellLimits(socket: Socket): void {
    if (this.#options.logLimits === undefined) return;
    const { maxBytes, maxFiles } = this.#options.logLimits;
    socket.write(`${JSON.stringify({ sequence: 0, op: 'limits', maxBytes: Number.isFinite(maxBytes) ? maxBytes : null, maxFiles })}\n`);
  }

  async #start(path: string): Promise<Socket> {
    this.#spawn();
    const { clock } = this.#options;
    const deadline = clock.monotonic() + START_TIMEOUT_MS;
    while (clock.monotonic() < deadline) {
      const socket = await tryConnect(path);
      if (socket !== undefined) return socket;
      await clock.sleep(POLL_MS);
    }
    throw new CriError('Unavailable', `the log process did not start, see ${join(this.#options.stateDir, errorLogName)}`);
  }

  #spawn(): void {
    const { stateDir, logger } = this.#options;
    mkdirSync(stateDir, { recursive: true });
    const stderr = openErrorLog(join(stateDir, errorLogName));
    const main = fileURLToPath(new URL('./log-process/main.ts', import.meta.url));
    const flags = ['--max-old-space-size=64', '--max-semi-space-size=1', '--disable-warning=ExperimentalWarning'];
    spawnDetached(process.execPath, [...flags, main, stateDir], {
      env: { NODE_COMPILE_CACHE: join(stateDir, 'compile-cache') },
      stderr,
    });
    closeSync(stderr);
    logger.info('log process started');
  }

  #attach(socket: Socket): void {
    const lines = new LineSplitter();
    this.#socket = socket;
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      for (const line of lines.push(chunk)) this.#settle(JSON.parse(line) as LogReply);
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      if (this.#socket === socket) this.#lost();
    });
  }

  #settle(reply: LogReply): void {
    const waiter = this.#waiters.get(reply.sequence);
    this.#waiters.delete(reply.sequence);
    waiter?.timer.cancel();
    if (reply.error === undefined) waiter?.resolve(reply);
    else waiter?.reject(new CriError('Unknown', `log process: ${reply.error}`));
  }

  #lost(): void {
    this.#connecting = undefined;
    this.#drop();
    if (this.#closed) return;
    this.#options.logger.warn('log process is gone, starting another');
    this.start();
  }

  #drop(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
    for (const { timer, reject } of this.#waiters.values()) {
      timer.cancel();
      reject(new CriError('Unavailable', 'the log process is gone'));
    }
    this.#waiters.clear();
  }

  /** A process that hangs holds the FIFOs and reads nothing: as bad as none, and it would not make room for another. */
  #overdue(socket: Socket, sequence: number): void {
    const { logger } = this.#options;
    const waiter = this.#waiters.get(sequence);
    this.#waiters.delete(sequence);
    waiter?.reject(new CriError('DeadlineExceeded', 'the log process does not answer'));
    if (this.#socket !== socket) return;
    logger.error('log process does not answer, killing it');
    this.#releaseUnread ??= this.#options.keepUnread();
    this.#killing = this.#kill().catch((err: unknown) => logger.error({ err }, 'log process cannot be killed'));
    // Not when the socket says that it is closed: who asks again at once would be given this one.
    this.#lost();
  }

  async #kill(): Promise<void> {
    const { stateDir, clock } = this.#options;
    if (!killLogProcess(stateDir)) return;
    const deadline = clock.monotonic() + KILL_TIMEOUT_MS;
    while (clock.monotonic() < deadline) {
      const socket = await tryConnect(join(stateDir, socketName));
      if (socket === undefined) return;
      socket.destroy();
      await clock.sleep(POLL_MS);
    }
  }

  #letGo(): void {
    this.#releaseUnread?.();
    this.#releaseUnread = undefined;
  }

  /** Containers write into FIFOs that nobody reads until this has succeeded. */
  async #keepTrying(): Promise<void> {
    const { clock, logger } = this.#options;
    const backoff = exponentialBackoff({ initialMs: 50, maxMs: 5_000 });
    while (!this.#closed) {
      try {
        await this.#connected();
        return;
      } catch (error) {
        if (!this.#closed) logger.error({ err: error }, 'no log process');
      }
      await clock.sleep(backoff.next());
    }
  }

  #send(socket: Socket, request: LogRequest): Promise<LogReply> {
    this.#sequence += 1;
    const sequence = this.#sequence;
    return new Promise((resolve, reject) => {
      const timeoutMs = REQUEST_TIMEOUT_MS + (request.op === 'drain' ? request.timeoutMs : 0);
      const timer = this.#options.clock.setTimeout(() => this.#overdue(socket, sequence), timeoutMs);
      this.#waiters.set(sequence, { resolve, reject, timer });
      socket.write(`${JSON.stringify({ sequence, ...request })}\n`);
    });
  }
}

function openErrorLog(path: string): number {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size >= MAX_ERROR_LOG_BYTES) truncateSync(path);
  return openSync(path, 'a');
}

function tryConnect(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('error', () => resolve(undefined));
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
  });
}
