import { Writable } from 'node:stream';
import type { Readable } from 'node:stream';
import type { Clock } from '@podling/shared/util';
import { CriError } from '../cri.ts';
import type { AttachRequest, StreamSession, TerminalSize } from '../cri.ts';
import { hasNoAnswer } from './containerd-client.ts';
import type { ContainerRecord } from './container-record.ts';
import { FifoWriter } from './fifo-streams.ts';
import type { LogAttachment } from './log-attach.ts';
import type { Tasks } from './tasks.ts';

export interface AttachSessionOptions {
  /** Of a running container. */
  record: ContainerRecord;
  /** What is known of it later; undefined when it is removed. */
  latest: () => ContainerRecord | undefined;
  request: AttachRequest;
  /** Absent without outputs. */
  outputs: LogAttachment | undefined;
  stdinPath: string;
  tasks: Tasks;
  clock: Clock;
}

const WAIT_MS = 60 * 60 * 1000;
/** For what the process answers to the last that it was told. */
const ANSWER_MS = 1_000;

/** Somebody at the streams of a container's own process. */
export class AttachSession implements StreamSession {
  readonly stdin: Writable | undefined;
  readonly stdout: Readable | undefined;
  readonly stderr: Readable | undefined;
  readonly exited: Promise<number | undefined>;
  readonly #options: AttachSessionOptions;
  readonly #over = new AbortController();
  readonly #left = Promise.withResolvers<undefined>();

  constructor(options: AttachSessionOptions) {
    this.#options = options;
    const { request, outputs } = options;
    this.stdin = request.stdin ? this.#stdin() : undefined;
    this.stdout = outputs?.output('stdout');
    this.stderr = outputs?.output('stderr');
    this.exited = Promise.race([this.#exit(), this.#left.promise]);
    // Nobody need listen.
    this.exited.then(() => this.#over.abort(), () => undefined);
  }

  async resize(size: TerminalSize): Promise<void> {
    const { record, tasks } = this.#options;
    if (record.config.tty && !this.#over.signal.aborted) await tasks.resize(record.id, size);
  }

  async close(): Promise<void> {
    const endsStdin = this.#endsStdin && this.stdin !== undefined && !this.#over.signal.aborted;
    this.#over.abort();
    this.stdin?.destroy();
    // A runtime that does not answer will see that nobody writes any more.
    if (endsStdin) await this.#closeStdin().catch(() => undefined);
    this.#options.outputs?.close();
  }

  #stdin(): Writable {
    const { record, stdinPath, clock } = this.#options;
    if (!record.config.stdin) return new Writable({ write: (_chunk, _encoding, done) => done() });
    const onEnd = this.#endsStdin ? () => this.#closeStdin() : async () => void this.#leave();
    return new FifoWriter({ path: stdinPath, clock, ended: this.#over.signal, onEnd }, Promise.resolve());
  }

  /** The end of what the first one says is the end of the process' stdin, also when they just leave. */
  get #endsStdin(): boolean {
    const { stdin, stdinOnce = false, tty } = this.#options.record.config;
    return stdin && stdinOnce && !tty;
  }

  /** As Kubernetes' runtimes have it, who has nothing more to say has heard enough. */
  async #leave(): Promise<void> {
    const { clock, outputs } = this.#options;
    await clock.sleep(ANSWER_MS, this.#over.signal).catch(() => undefined);
    outputs?.end();
    this.#left.resolve(undefined);
  }

  async #closeStdin(): Promise<void> {
    const { record, tasks } = this.#options;
    await tasks.closeStdin(record.id);
  }

  async #exit(): Promise<number> {
    const { record, latest, tasks } = this.#options;
    for (;;) {
      try {
        return await tasks.waitForExec(record.id, '', WAIT_MS, this.#over.signal);
      } catch (error) {
        if (error instanceof CriError && error.code === 'DeadlineExceeded') continue;
        const exitCode = hasNoAnswer(error) ? undefined : latest()?.exit?.exitCode;
        if (exitCode !== undefined) return exitCode;
        throw new CriError('Unavailable', `nobody can tell how container ${record.id} ends`, { cause: error });
      }
    }
  }
}
