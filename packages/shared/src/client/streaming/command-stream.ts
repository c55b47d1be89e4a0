import { Writable } from 'node:stream';
import type { Duplex, Readable } from 'node:stream';
import { Intake } from '../../util/intake.ts';
import type { ConnectOptions, RestClient } from '../client.ts';
import { StreamError } from '../stream-error.ts';
import { exitCodeOf } from './command-status.ts';

/** `path`: of the subresource, `/api/v1/namespaces/x/pods/web/exec`. */
export interface CommandStreamOptions extends Omit<ConnectOptions, 'query' | 'protocols'> {
  /** Exec only: the command and its arguments. */
  command?: readonly string[];
  container?: string;
  stdin: boolean;
  stdout: boolean;
  /** Not with a tty, which has one output. */
  stderr: boolean;
  tty: boolean;
}

/** The streams of a process in a container. What is not read holds the process up; what it does not take holds the writer up. */
export interface CommandStream {
  /** Its end is the end of the process' input. Undefined unless asked for, as the others. */
  readonly stdin: Writable | undefined;
  readonly stdout: Readable | undefined;
  readonly stderr: Readable | undefined;
  /** In characters. */
  resize(size: { width: number; height: number }): void;
  /** The exit code, of attach 0. Rejects with `StreamError` when the server says what went wrong, or the connection breaks. */
  readonly ended: Promise<number>;
  /** Cuts the connection; idempotent. */
  close(): void;
}

const channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;
const v5 = 'v5.channel.k8s.io';
const v4 = 'v4.channel.k8s.io';
const MAX_MESSAGE_BYTES = 64 * 1024;
/** Several messages, so that not each of them stops and starts the connection. */
const BUFFER_BYTES = 256 * 1024;
const MAX_STATUS_BYTES = 64 * 1024;

/**
 * Opens exec or attach over WebSocket (`v5.channel.k8s.io`; v4, which cannot end an input, where none needs ending).
 * Rejects as `RestClient.connect`. Upstream twin: client-go's remotecommand.
 */
export async function openCommandStream(rest: Pick<RestClient, 'connect'>, options: CommandStreamOptions): Promise<CommandStream> {
  const { command, container, stdin, stdout, stderr: hasStderr, tty, ...how } = options;
  const stderr = hasStderr && !tty;
  const { protocol, messages } = await rest.connect({
    ...how,
    query: { command, container, stdin: wanted(stdin), stdout: wanted(stdout), stderr: wanted(stderr), tty: wanted(tty) },
    protocols: stdin && !tty ? [v5] : [v5, v4],
  });
  return new ChannelStream(messages, protocol, { stdin, stdout, stderr });
}

const wanted = (isWanted: boolean): true | undefined => (isWanted ? true : undefined);

/** Kubernetes' channels in messages: the first byte of each says of which channel the rest is. */
class ChannelStream implements CommandStream {
  readonly stdin: Writable | undefined;
  readonly stdout: Readable | undefined;
  readonly stderr: Readable | undefined;
  readonly #messages: Duplex;
  readonly #intake: Intake;
  readonly #ended = Promise.withResolvers<number>();
  #status = '';
  #finished = false;

  constructor(messages: Duplex, protocol: string, streams: { stdin: boolean; stdout: boolean; stderr: boolean }) {
    this.#messages = messages;
    this.#intake = new Intake(messages);
    this.stdin = streams.stdin ? this.#input(protocol) : undefined;
    this.stdout = streams.stdout ? this.#intake.reader({ highWaterMark: BUFFER_BYTES }) : undefined;
    this.stderr = streams.stderr ? this.#intake.reader({ highWaterMark: BUFFER_BYTES }) : undefined;
    this.ended.catch(() => undefined);
    messages.on('data', (message: Buffer) => this.#take(message));
    messages.on('end', () => this.#finish());
    messages.on('close', () => this.#finish(messages.errored ?? undefined));
  }

  get ended(): Promise<number> {
    return this.#ended.promise;
  }

  resize({ width, height }: { width: number; height: number }): void {
    this.#send(channel.resize, Buffer.from(JSON.stringify({ Width: width, Height: height })), () => undefined);
  }

  close(): void {
    this.#messages.destroy();
  }

  #input(protocol: string): Writable {
    const write = (data: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void => this.#send(channel.stdin, data, done);
    const final = (done: (error?: Error | null) => void): void => (protocol === v5 ? this.#send(channel.close, Buffer.from([channel.stdin]), done) : done());
    // One that the process takes no more ends with it.
    return new Writable({ write, final }).on('error', () => undefined);
  }

  #take(message: Buffer): void {
    const [number, data] = [message[0], message.subarray(1)];
    if (number === channel.stdout) this.#give(this.stdout, data);
    else if (number === channel.stderr) this.#give(this.stderr, data);
    else if (number === channel.error && this.#status.length + data.length <= MAX_STATUS_BYTES) this.#status += data.toString();
  }

  /** The first message is empty: the streams are there. */
  #give(output: Readable | undefined, data: Buffer): void {
    if (output !== undefined && data.length > 0) this.#intake.give(output, data);
  }

  #send(number: number, data: Buffer, done: (error?: Error | null) => void): void {
    if (!this.#messages.writable) {
      done(new StreamError('the connection is closed'));
      return;
    }
    const parts = Math.max(1, Math.ceil(data.length / MAX_MESSAGE_BYTES));
    for (let part = 0; part < parts; part += 1) {
      const message = Buffer.concat([Buffer.of(number), data.subarray(part * MAX_MESSAGE_BYTES, (part + 1) * MAX_MESSAGE_BYTES)]);
      this.#messages.write(message, part === parts - 1 ? done : undefined);
    }
  }

  #finish(broken?: Error): void {
    if (this.#finished) return;
    this.#finished = true;
    for (const output of [this.stdout, this.stderr]) if (output?.destroyed === false) output.push(null);
    this.stdin?.destroy();
    this.#messages.end();
    try {
      if (this.#status === '') throw new StreamError(`error reading from error stream: ${broken?.message ?? 'the connection was closed before the end was told'}`, { cause: broken });
      this.#ended.resolve(exitCodeOf(this.#status));
    } catch (error) {
      this.#ended.reject(error as Error);
    }
  }
}
