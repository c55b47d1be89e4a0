import { Duplex, PassThrough, Writable } from 'node:stream';
import type { Readable } from 'node:stream';
import type { SpdyConnection, SpdyStream } from '@podling/shared/spdy';
import { inTime } from '@podling/shared/util';
import type { Clock } from '@podling/shared/util';
import { CriError } from '../cri.ts';
import type { AttachRequest, ExecRequest, StreamSession, TerminalSize } from '../cri.ts';
import { nonsense } from './call-errors.ts';
import type { CriClient } from './cri-client.ts';
import type { TlsFiles } from './endpoint.ts';
import { exitCodeOf } from './exec-status.ts';
import { upgrade } from './spdy-upgrade.ts';
import { readInfo } from './verbose-info.ts';

const COMMAND_PROTOCOLS = ['v4.channel.k8s.io'];
const FORWARD_PROTOCOLS = ['portforward.k8s.io'];
const MAX_STATUS_BYTES = 64 * 1024;
/** How long a process may take to be known as ended when its streams have. */
const END_POLLS = 100;
const END_POLL_MS = 50;
const ACCEPT_MS = 30_000;
/** How long a server may take to say why there were no data. */
const LAST_WORD_MS = 100;
/** What a terminal takes for the end of its input. */
const END_OF_INPUT = Buffer.from('\x04');

/** exec, attach and port-forward through the runtime's streaming server. */
export class RemoteStreams {
  readonly #client: CriClient;
  readonly #tls: TlsFiles | undefined;
  readonly #clock: Clock;
  readonly #open = new Set<SpdyConnection>();
  readonly #closing = new AbortController();

  constructor(client: CriClient, tls: TlsFiles | undefined, clock: Clock) {
    this.#client = client;
    this.#tls = tls;
    this.#clock = clock;
  }

  async exec(containerId: string, { command, ...streams }: ExecRequest): Promise<StreamSession> {
    const { url } = await this.#client.runtime('Exec', { containerId, cmd: command, ...wanted(streams) });
    const connection = await this.#connect('Exec', url, COMMAND_PROTOCOLS);
    const opened = openStreams(connection, wanted(streams), streams.tty ? END_OF_INPUT : undefined);
    const exited = statusOf(opened.error);
    // What was said is still read, by whoever wants it.
    void Promise.allSettled([exited, opened.ended]).then(() => connection.close());
    return session(connection, opened, exited);
  }

  async attach(containerId: string, streams: AttachRequest): Promise<StreamSession> {
    const endsProcess = !streams.tty && (await this.#stdinOnce(containerId));
    const { url } = await this.#client.runtime('Attach', { containerId, ...wanted(streams) });
    const connection = await this.#connect('Attach', url, COMMAND_PROTOCOLS);
    const opened = openStreams(connection, wanted(streams));
    await inTime(Promise.all(opened.accepted), ACCEPT_MS, this.#clock, () => new Error('nobody takes the streams')).catch((error: unknown) => {
      connection.close();
      throw new CriError('Unavailable', `Attach: ${(error as Error).message}`, { cause: error });
    });
    let left = false;
    const exited = readStatus('Attach', opened.error).then(() => {
      connection.close();
      if (left) throw new CriError('Unavailable', 'the session was closed');
      const hasLeft = opened.stdin?.writableEnded === true && !endsProcess;
      return this.#exitCode(containerId, hasLeft ? 1 : END_POLLS).catch((error: unknown) => (hasLeft ? undefined : Promise.reject(error as Error)));
    });
    const { close, ...rest } = session(connection, opened, exited);
    return {
      ...rest,
      close: () => {
        left = true;
        return close();
      },
    };
  }

  async portForward(podSandboxId: string, port: number): Promise<Duplex> {
    if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new CriError('InvalidArgument', `${port} is no port`);
    const { url } = await this.#client.runtime('PortForward', { podSandboxId, port: [port] });
    const connection = await this.#connect('PortForward', url, FORWARD_PROTOCOLS);
    const about = { port: String(port), requestid: '0' };
    const error = connection.open({ ...about, streamtype: 'error' });
    error.end();
    const data = connection.open({ ...about, streamtype: 'data' });
    return forwarded({ connection, data, error }, this.#clock);
  }

  close(): void {
    this.#closing.abort();
    for (const connection of this.#open) connection.close();
  }

  async #connect(call: string, url: string, protocols: readonly string[]): Promise<SpdyConnection> {
    if (url === '') throw nonsense(call, 'it has no streaming URL');
    const connection = await upgrade(call, url, { protocols, tls: this.#tls, clock: this.#clock, signal: this.#closing.signal });
    this.#open.add(connection);
    void connection.closed.then(() => this.#open.delete(connection));
    return connection;
  }

  /** Where it is not told, the runtime knows what an end means. */
  async #stdinOnce(containerId: string): Promise<boolean> {
    const { info } = await this.#client.runtime('ContainerStatus', { containerId, verbose: true });
    return readInfo(info).stdinOnce ?? true;
  }

  /** CRI's attach does not say how the process ended; its status does, in a moment. */
  async #exitCode(containerId: string, times: number): Promise<number> {
    for (let polls = 0; polls < times; polls += 1) {
      const { status } = await this.#client.runtime('ContainerStatus', { containerId, verbose: false });
      if (status?.state === 'CONTAINER_EXITED') return status.exitCode;
      await this.#clock.sleep(END_POLL_MS);
    }
    throw new CriError('Unavailable', 'the streams have ended and the process has not');
  }
}

interface Opened {
  error: SpdyStream;
  stdin: Writable | undefined;
  stdout: Readable | undefined;
  stderr: Readable | undefined;
  resize: SpdyStream | undefined;
  /** By the other side. */
  accepted: Promise<void>[];
  /** Of stdout and stderr. */
  ended: Promise<unknown>;
}

/** A tty has one output. */
function wanted({ tty, stdin, stdout, stderr }: AttachRequest): AttachRequest {
  return { tty, stdin, stdout, stderr: stderr && !tty };
}

/** `lastInput`: said at the end of stdin, which stays open then. Default: it ends. */
function openStreams(connection: SpdyConnection, { tty, stdin, stdout, stderr }: AttachRequest, lastInput?: Buffer): Opened {
  const open = (streamtype: string): SpdyStream => connection.open({ streamtype });
  const error = open('error');
  error.end();
  const streams = { stdin: stdin ? open('stdin') : undefined, stdout: stdout ? open('stdout') : undefined, stderr: stderr ? open('stderr') : undefined };
  streams.stdin?.resume();
  const accepted = Object.values(streams).map((stream) => stream?.accepted ?? Promise.resolve());
  const outputs = { stdout: output(streams.stdout), stderr: output(streams.stderr) };
  const ends = [outputs.stdout, outputs.stderr].map((one) => (one === undefined ? Promise.resolve() : new Promise<void>((resolve) => one.once('close', resolve))));
  const input = streams.stdin === undefined || lastInput === undefined ? streams.stdin : openEnded(streams.stdin, lastInput);
  return { error, stdin: input, ...outputs, resize: tty ? open('resize') : undefined, accepted, ended: Promise.all(ends) };
}

function openEnded(stream: SpdyStream, lastInput: Buffer): Writable {
  return new Writable({
    write: (chunk: Buffer, _, callback) => void stream.write(chunk, callback),
    final: (callback) => void stream.write(lastInput, callback),
    autoDestroy: false,
  }).on('error', () => undefined);
}

/**
 * A stream that servers reset when they are done has ended for who reads it. One that has ended is left to its connection:
 * a word on it could meet a server that has closed, and the error of that would overtake the exit code.
 */
function output(stream: SpdyStream | undefined): Readable | undefined {
  if (stream === undefined) return undefined;
  const readable = new PassThrough();
  stream.pipe(readable);
  stream.on('close', () => readable.end());
  readable.on('close', () => void (stream.readableEnded || stream.destroy()));
  return readable;
}

function session(connection: SpdyConnection, { stdin, stdout, stderr, resize }: Opened, exited: Promise<number | undefined>): StreamSession {
  exited.catch(() => undefined);
  return {
    stdin, stdout, stderr, exited,
    resize: async ({ width, height }: TerminalSize) => {
      if (resize !== undefined && resize.writable && resize.lost === undefined) resize.write(JSON.stringify({ Width: width, Height: height }));
    },
    close: async () => {
      for (const stream of [stdin, stdout, stderr]) stream?.destroy();
      connection.close();
    },
  };
}

/**
 * The end of the data says not whether there was a connection at all: the other stream does, of containerd right behind it. A
 * server that stays silent still takes what the near end sends.
 */
function forwarded({ connection, data, error }: { connection: SpdyConnection; data: SpdyStream; error: SpdyStream }, clock: Clock): Duplex {
  let isSilent = true;
  error.once('readable', () => (isSilent = false));
  const outcome = readStatus('PortForward', error).then((message) => (message === '' ? undefined : new CriError('Unavailable', message)), (error: Error) => error);
  const duplex = new Duplex({
    read: () => void data.resume(),
    write: (chunk: Buffer, _, callback) => void data.write(chunk, callback),
    final: (callback) => void data.end(callback),
    destroy: (cause, callback) => {
      data.destroy();
      connection.close();
      callback(cause);
    },
  });
  data.on('data', (chunk: Buffer) => {
    if (!duplex.push(chunk)) data.pause();
  });
  const end = (failure: Error | undefined): void => {
    if (failure === undefined) duplex.push(null);
    // Who has been told the end listens no more.
    else duplex.destroy(duplex.readableEnded ? undefined : failure);
  };
  data.on('end', () => {
    void inTime(outcome, LAST_WORD_MS, clock, () => new Error('silent')).catch(() => isSilent && end(undefined));
    void outcome.then(end);
  });
  return duplex;
}

async function statusOf(error: SpdyStream): Promise<number> {
  const text = await readStatus('Exec', error);
  if (text === '') throw new CriError('Unavailable', 'the connection ended before the command did', { cause: error.lost });
  return exitCodeOf(text);
}

async function readStatus(call: string, stream: SpdyStream): Promise<string> {
  let text = '';
  for await (const chunk of stream) {
    text += String(chunk);
    if (text.length > MAX_STATUS_BYTES) throw nonsense(call, 'its status is larger than one is');
  }
  return text;
}
