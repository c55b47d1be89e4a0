import type { IEvent, IWatchResponse } from 'etcd3';
import { exponentialBackoff } from '@podling/shared/util';
import type { Logger } from '@podling/shared/util';
import { StorageError, tooLarge } from '../errors.ts';
import { isNewerRevision, newestRevision, nextRevision } from '../versioner.ts';
import type { Connection } from './connection.ts';
import { translateError } from './translate-error.ts';
import { watchStream } from './watch-stream.ts';
import type { WatchStreamOptions } from './watch-stream.ts';

export interface WatcherOptions extends WatchStreamOptions {
  logger: Logger;
  /** An outage longer than this ends the watch with `Unreachable`. */
  giveUpAfterMs: number;
  /** False for servers that may announce progress ahead of events. */
  trustsProgress(): Promise<boolean>;
  /** The store's present revision, read from a quorum. */
  currentRevision(): Promise<string>;
}

export interface WatchRange {
  key: Buffer;
  rangeEnd: Buffer;
  /** Everything up to this revision is known. */
  revision: string;
}

/** All events of one response, whole revisions, or the news that nothing happened up to `revision`. */
export type WatchBatch = { events: IEvent[] } | { progress: string };

/**
 * Every change of a range after a revision, once and in order. Resumes on a new stream after a short outage. Throws
 * `Compacted`, `TooLargeResourceVersion`, `Unreachable`.
 */
export class Watcher {
  readonly #connection: Connection;
  readonly #options: WatcherOptions;
  readonly #range: WatchRange;
  readonly #signal: AbortSignal;
  /** All changes up to here have been handed out. */
  #seen: string;
  #lastContactMs: number;
  #created = false;

  constructor(connection: Connection, range: WatchRange, options: WatcherOptions, signal: AbortSignal) {
    this.#connection = connection;
    this.#range = range;
    this.#options = options;
    this.#signal = AbortSignal.any([signal, connection.closed]);
    this.#seen = range.revision;
    this.#lastContactMs = options.clock.now();
  }

  async *batches(): AsyncGenerator<WatchBatch> {
    const backoff = exponentialBackoff({ initialMs: 50, maxMs: 1000, jitter: 0.5 });
    while (!this.#signal.aborted) {
      try {
        for await (const batch of this.#stream()) {
          backoff.reset();
          yield batch;
        }
      } catch (error) {
        const delayMs = backoff.next();
        this.#giveUpOn(error, delayMs);
        this.#options.logger.info({ err: error, rv: this.#seen, delayMs }, 'watch stream lost, resuming');
        await this.#options.clock.sleep(delayMs, this.#signal).catch(() => undefined);
      }
    }
  }

  async *#stream(): AsyncGenerator<WatchBatch> {
    const create = {
      key: this.#range.key,
      range_end: this.#range.rangeEnd,
      start_revision: nextRevision(this.#seen),
      progress_notify: true,
      prev_kv: true,
    };
    const trustsProgress = await this.#options.trustsProgress();
    for await (const response of watchStream(this.#connection, create, this.#options, this.#signal)) {
      if (response.canceled) throw cancellation(response, this.#seen);
      if (response.created) await this.#checkStart(response.header.revision);
      else yield* this.#batchOf(response, trustsProgress);
      this.#lastContactMs = this.#options.clock.now();
    }
  }

  *#batchOf(response: IWatchResponse, trustsProgress: boolean): Generator<WatchBatch> {
    const last = response.events.at(-1);
    if (last !== undefined) {
      yield { events: response.events };
      this.#seen = last.kv.mod_revision;
    } else if (trustsProgress) {
      this.#seen = newestRevision(response.header.revision, this.#seen);
      yield { progress: this.#seen };
    }
  }

  /** A member that lags may answer with an old revision; a quorum cannot, unless the store lost its data. */
  async #checkStart(revision: string): Promise<void> {
    const first = !this.#created;
    this.#created = true;
    if (!isNewerRevision(this.#seen, revision)) return;
    const current = await this.#options.currentRevision();
    if (!isNewerRevision(this.#seen, current)) return;
    if (first) throw tooLarge(this.#seen, current);
    throw new StorageError('Compacted', `the store was at ${this.#seen} before, and is at ${current} now`);
  }

  #giveUpOn(error: unknown, delayMs: number): void {
    if (error instanceof StorageError && error.code !== 'Unreachable') throw error;
    const outageMs = this.#options.clock.now() + delayMs - this.#lastContactMs;
    if (outageMs >= this.#options.giveUpAfterMs) throw translateError(error);
  }
}

function cancellation(response: IWatchResponse, revision: string): Error {
  const { compact_revision: oldest, cancel_reason: reason } = response;
  if (oldest === '0') return new Error(`etcd cancelled the watch: ${reason}`);
  return new StorageError('Compacted', `revision ${revision} has been compacted, the oldest is ${oldest}`);
}
