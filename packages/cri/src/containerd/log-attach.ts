import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { inTime, Intake } from '@podling/shared/util';
import type { Clock } from '@podling/shared/util';
import { CriError } from '../cri.ts';
import { AttachFrameReader } from './log-process/attach-frames.ts';
import type { AttachFrame, OutputStream } from './log-process/attach-frames.ts';
import type { LogReply, LogRequestLine } from './log-process/protocol.ts';

const ANSWER_MS = 10_000;
const NEWLINE = 0x0a;

/** What a container says from now on, as the log process hears it. Those who do not read make it wait. */
export class LogAttachment {
  readonly #socket: Socket;
  readonly #frames = new AttachFrameReader();
  readonly #outputs: ReadonlyMap<OutputStream, Readable>;
  readonly #ended = new Set<Readable>();
  readonly #intake: Intake;
  #head: Buffer | undefined = Buffer.alloc(0);

  /** Fails with `Unavailable` when the log process does not answer, or does not read this container. */
  static async open(socketPath: string, container: string, streams: OutputStream[], clock: Clock): Promise<LogAttachment> {
    const socket = connect(socketPath);
    const answer = Promise.withResolvers<LogReply>();
    const attachment = new LogAttachment(socket, streams, answer);
    const request: LogRequestLine = { sequence: 1, op: 'attach', container, streams };
    socket.write(`${JSON.stringify(request)}\n`);
    try {
      if ((await inTime(answer.promise, ANSWER_MS, clock, () => new Error('no answer'))).attached !== true) throw new Error(`nobody reads container ${container}`);
      return attachment;
    } catch (error) {
      socket.destroy();
      throw new CriError('Unavailable', `log process: ${(error as Error).message}`, { cause: error });
    }
  }

  private constructor(socket: Socket, streams: readonly OutputStream[], answer: { resolve: (reply: LogReply) => void; reject: (error: Error) => void }) {
    this.#socket = socket;
    this.#intake = new Intake(socket);
    this.#outputs = new Map(streams.map((stream) => [stream, this.#intake.reader()]));
    // A listener that went without reading its end need not be told of a failure.
    for (const output of this.#outputs.values()) output.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => this.#read(chunk, answer.resolve));
    socket.on('error', answer.reject);
    socket.on('close', () => {
      answer.reject(new Error('the connection is lost'));
      this.#lost();
    });
  }

  output(stream: OutputStream): Readable | undefined {
    return this.#outputs.get(stream);
  }

  /** What has come is still read, and then the outputs end. */
  end(): void {
    for (const output of this.#outputs.values()) this.#endOutput(output);
    this.#socket.destroy();
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(chunk: Buffer, onAnswer: (reply: LogReply) => void): void {
    try {
      const frames = this.#frames.push(this.#head === undefined ? chunk : this.#answered(chunk, onAnswer));
      for (const frame of frames) this.#push(frame);
    } catch {
      this.#socket.destroy();
    }
  }

  /** What follows the answer's line. */
  #answered(chunk: Buffer, onAnswer: (reply: LogReply) => void): Buffer {
    this.#head = Buffer.concat([this.#head ?? Buffer.alloc(0), chunk]);
    const end = this.#head.indexOf(NEWLINE);
    if (end === -1) return Buffer.alloc(0);
    const [line, rest] = [this.#head.subarray(0, end), this.#head.subarray(end + 1)];
    this.#head = undefined;
    onAnswer(JSON.parse(line.toString()) as LogReply);
    return rest;
  }

  #push({ stream, data }: AttachFrame): void {
    const output = this.#outputs.get(stream);
    if (output === undefined || this.#ended.has(output)) return;
    if (data.length === 0) this.#endOutput(output);
    else this.#intake.give(output, data);
  }

  #endOutput(output: Readable): void {
    if (!output.destroyed && !this.#ended.has(output)) output.push(null);
    this.#ended.add(output);
  }

  /** An output that has not come to its end will not. */
  #lost(): void {
    for (const output of this.#outputs.values()) {
      if (!this.#ended.has(output)) output.destroy(new CriError('Unavailable', 'the log process has gone, or waited for a reader for too long'));
    }
  }
}
