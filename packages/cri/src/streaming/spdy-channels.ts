import { once } from 'node:events';
import type { SpdyConnection, SpdyStream } from '@podling/shared/spdy';
import type { Clock } from '@podling/shared/util';
import type { AttachRequest, TerminalSize } from '../cri.ts';
import type { CommandChannels } from './command-channels.ts';
import { terminalSize } from './terminal-size.ts';

/** v5 differs from v4 in WebSockets alone; here a stream has an end of its own. */
export const spdyCommandProtocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'] as const;

const STREAMS_MS = 30_000;
const MAX_SIZE_CHARACTERS = 4_096;

/** The client opens a stream of each type that the request has, and one for how it ends. */
export class SpdyStreams {
  readonly #missing: Set<string>;
  readonly #streams = new Map<string, SpdyStream>();
  readonly #complete = Promise.withResolvers<void>();

  constructor({ tty, stdin, stdout, stderr }: AttachRequest) {
    const types = { error: true, stdin, stdout, stderr: stderr && !tty, resize: tty };
    this.#missing = new Set(Object.entries(types).flatMap(([type, isWanted]) => (isWanted ? [type] : [])));
    this.#complete.promise.catch(() => undefined);
  }

  /** False for one that nobody asked for. */
  add(stream: SpdyStream): boolean {
    const type = stream.headers['streamtype'] ?? '';
    if (!this.#missing.delete(type)) return false;
    this.#streams.set(type, stream);
    if (this.isComplete) this.#complete.resolve();
    return true;
  }

  get isComplete(): boolean {
    return this.#missing.size === 0;
  }

  /** Fails when they do not come. */
  async channels(connection: SpdyConnection, clock: Clock): Promise<CommandChannels> {
    const timer = clock.setTimeout(() => this.#complete.reject(new Error(`no stream for ${[...this.#missing].join(', ')}`)), STREAMS_MS);
    void connection.closed.then(() => this.#complete.reject(new Error('the connection is closed')));
    await this.#complete.promise.finally(() => timer.cancel());
    const error = this.#streams.get('error') as SpdyStream;
    const resize = this.#streams.get('resize');
    const finished = async (stream: SpdyStream): Promise<unknown> => (stream.destroyed || stream.writableFinished ? undefined : Promise.race([once(stream, 'finish'), once(stream, 'close')]));
    return {
      stdin: this.#streams.get('stdin'),
      stdout: this.#streams.get('stdout'),
      stderr: this.#streams.get('stderr'),
      onResize: (listener) => resize && readSizes(resize, listener),
      finish: async (status) => {
        error.end(JSON.stringify(status));
        await finished(error).catch(() => undefined);
        connection.close();
      },
      closed: connection.closed,
    };
  }
}

/** One JSON object after the other. */
function readSizes(stream: SpdyStream, listener: (size: TerminalSize) => void): void {
  let rest = '';
  stream.on('data', (chunk: Buffer) => {
    const parts = `${rest}${chunk.toString('latin1')}`.split('}');
    rest = (parts.pop() ?? '').slice(-MAX_SIZE_CHARACTERS);
    for (const part of parts) {
      const size = terminalSize(`${part}}`);
      if (size !== undefined) listener(size);
    }
  });
}
