import { watch, type FSWatcher } from 'node:fs';
import { dirname } from 'node:path';
import { Background, inTime, monotonicMoment, unlessAborted, type Clock } from '@podling/shared/util';
import type { LogChunk } from './log-chunk.ts';
import { presentFile } from './log-file.ts';

export interface LogSource {
  /** The container's present log file; rotated ones lie beside it. */
  path: string;
  /** When the container ended, in milliseconds since the epoch; undefined while it runs. */
  endedMs(): Promise<number | undefined>;
}

/** How the log was seen to be. What is read after it holds all that was written before. */
export interface LogView {
  readonly version: number;
  /** Of the file that is written; undefined when there is none. */
  readonly inode: number | undefined;
  readonly size: number;
  /** Nothing more will come. */
  readonly ended: boolean;
}

/** Reads, or takes what another reader at the same place has just read. */
export type ShareReads = (place: string, read: () => Promise<LogChunk | undefined>) => Promise<LogChunk | undefined>;

/** What follows a log when no event comes: a watch may be missed, or not to be had. */
const pollMs = 1_000;
/** Between two looks, however fast a container writes. */
const restMs = 20;
/** The writer of the log may lag behind the end of the container by so much. */
const flushMs = 900;
/** How long the log waits for a runtime that does not say whether the container has ended. */
const answerMs = 1_000;
/** Chunks kept for readers that are level. */
const keptReads = 4;

/** The end of one container's log, for all who follow it: one watch, one look at the container, one read of what is new. */
export class LogTail {
  readonly path: string;
  readonly #source: LogSource;
  readonly #clock: Clock;
  readonly #background: Background;
  readonly #reads = new Map<string, Promise<LogChunk | undefined>>();
  #watcher: FSWatcher | undefined;
  #view: LogView = { version: 0, inode: undefined, size: 0, ended: false };
  #changed = Promise.withResolvers<void>();
  #published = Promise.withResolvers<void>();
  #endedMs: number | undefined;
  #isAsking = false;

  constructor(source: LogSource, clock: Clock) {
    this.path = source.path;
    this.#source = source;
    this.#clock = clock;
    this.#background = new Background('the log', () => this.#run());
  }

  get view(): LogView {
    return this.#view;
  }

  start(): void {
    this.#watcher = this.#watch();
    this.#background.start();
  }

  async stop(): Promise<void> {
    this.#watcher?.close();
    const stopped = this.#background.stop();
    this.#changed.resolve();
    await stopped;
  }

  /** Resolves when there is a later view than this one. Throws when the signal aborts. */
  async after({ version }: LogView, signal: AbortSignal): Promise<void> {
    if (this.#view.version === version) await unlessAborted(this.#published.promise, signal);
  }

  readonly share: ShareReads = (place, read) => {
    // A read that began before the last look may have missed what that saw.
    const key = `${this.#view.version} ${place}`;
    const known = this.#reads.get(key);
    if (known) return known;
    const reading = read();
    this.#reads.set(key, reading);
    const [oldest] = this.#reads.keys();
    if (this.#reads.size > keptReads && oldest !== undefined) this.#reads.delete(oldest);
    return reading;
  };

  async #run(): Promise<void> {
    const { signal } = this.#background;
    for (let wasQuiet = true; !signal.aborted; wasQuiet = await this.#isQuiet()) {
      this.#changed = Promise.withResolvers();
      // A container that writes has not ended, or will soon be quiet.
      if (wasQuiet) await this.#askEnd();
      await this.#look();
      await this.#clock.sleep(restMs, signal).catch(() => undefined);
    }
  }

  async #look(): Promise<void> {
    const ended = this.#endedMs !== undefined && this.#clock.monotonic() - this.#endedMs >= flushMs;
    const { inode, size } = await presentFile(this.path);
    const { version, ...before } = this.#view;
    if (version > 0 && before.inode === inode && before.size === size && before.ended === ended) return;
    this.#view = { version: version + 1, inode, size, ended };
    const { resolve } = this.#published;
    this.#published = Promise.withResolvers();
    resolve();
  }

  /** A late answer counts too; meanwhile the log goes on. */
  async #askEnd(): Promise<void> {
    if (this.#isAsking || this.#endedMs !== undefined) return;
    this.#isAsking = true;
    const asked = this.#end().finally(() => (this.#isAsking = false));
    await inTime(asked, answerMs, this.#clock, () => new Error('no answer')).catch(() => undefined);
  }

  async #end(): Promise<void> {
    const endedMs = await this.#source.endedMs();
    if (endedMs === undefined) return;
    this.#endedMs = monotonicMoment(this.#clock, endedMs);
    this.#changed.resolve();
  }

  /** Waits for a change; true when none came in time. */
  async #isQuiet(): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = this.#clock.setTimeout(() => resolve(true), this.#endedMs === undefined ? pollMs : flushMs);
    void this.#changed.promise.then(() => resolve(false));
    const quiet = await promise;
    timer.cancel();
    return quiet;
  }

  #watch(): FSWatcher | undefined {
    try {
      const watcher = watch(dirname(this.path), () => this.#changed.resolve());
      watcher.on('error', () => watcher.close());
      return watcher;
    } catch {
      return undefined;
    }
  }
}
