import type { KubeObject } from '@podling/shared/api';
import { apiVersionOf } from '@podling/shared/scheme';
import { selectEvent } from '../registry/generic/select-event.ts';
import type { Change } from '../storage/change.ts';
import { isStorageError } from '../storage/errors.ts';
import type { StorageEvent, StorageWatchIterator } from '../storage/storage.ts';
import type { StoredObject } from '../storage/stored-object.ts';
import { startsFromPresent } from '../storage/versioner.ts';
import { eventTypeOf, WatchBatch } from './watch-batch.ts';
import type { Framing, WatchEventType } from './encode.ts';
import type { Endpoint } from './endpoint.ts';
import { negotiate } from './negotiate.ts';
import type { Negotiated } from './negotiate.ts';
import { watchParameters } from './options.ts';
import type { WatchParameters } from './options.ts';
import type { RequestInfo } from './request-info.ts';
import { predicateOf } from './selection.ts';
import type { Predicate } from './selection.ts';
import { partialOf } from './tables/partial-object.ts';
import { tableOf } from './tables/table.ts';
import { toStatusError } from './write-response.ts';

/** One client at the end of a watch. */
export interface WatchSink {
  readonly framing: Framing;
  /** The watch is in place: what a client does from now on will be seen. */
  open(): void;
  /** Takes whole events in its own framing, as many as there are, for one write. Never blocks. */
  send(events: Buffer): void;
  /**
   * Undefined while the client keeps up; otherwise resolves once it has caught up, to false if it has not within its
   * deadline: then the watch ends. Only this watch waits meanwhile.
   */
  pressure(): Promise<boolean> | undefined;
}

const largestBatchBytes = 256 * 1024;
const shapes = ['object', 'Table', 'PartialObjectMetadata', 'PartialObjectMetadataList'] as const;
const encode = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

/** A watch that is asked for and checked, not yet begun. */
export class WatchSession {
  readonly #endpoint: Endpoint;
  readonly #info: RequestInfo;
  readonly #parameters: WatchParameters;
  readonly #predicate: Predicate | undefined;
  readonly #as: Negotiated['as'];
  #columnsSent = false;
  /** Whether the next bookmark is the one that follows the present objects. */
  #initialEventsEnd: boolean;

  /** Throws 400, 406 or 422 for a request that makes no sense. */
  constructor(endpoint: Endpoint, info: RequestInfo, accept: string | undefined) {
    this.#endpoint = endpoint;
    this.#info = info;
    this.#parameters = watchParameters(info.query);
    this.#predicate = withName(predicateOf(endpoint.store.strategy, info.query), info.name);
    this.#as = negotiate(accept, shapes).as;
    this.#initialEventsEnd = this.#parameters.sendInitialEvents ?? startsFromPresent(this.#parameters.resourceVersion);
  }

  /**
   * Runs until the client leaves (`gone`), the server stops, the time is up or the store ends it. Never rejects. False
   * when the client did not keep up: then there is no use in waiting for it to read the rest.
   */
  async run(sink: WatchSink, gone: AbortSignal): Promise<boolean> {
    const { services } = this.#endpoint;
    const over = new AbortController();
    const source = this.#open(AbortSignal.any([gone, services.stopping, over.signal]));
    const timer = services.clock.setTimeout(() => {
      source.bookmark?.();
      setImmediate(() => over.abort());
    }, this.#timeoutMs());
    const uncount = services.metrics.countLongRunning(this.#info);
    try {
      return await this.#pump(source, sink);
    } catch (error) {
      this.#fail(sink, error);
      return true;
    } finally {
      uncount();
      timer.cancel();
      over.abort();
      await source.return?.();
    }
  }

  #open(signal: AbortSignal): StorageWatchIterator<KubeObject> {
    const { resourceVersion, bookmarks, sendInitialEvents } = this.#parameters;
    const namespace = this.#endpoint.info.namespaced ? this.#info.namespace : '';
    const options = {
      signal, bookmarks, ...(resourceVersion === undefined ? {} : { resourceVersion }), ...(sendInitialEvents === undefined ? {} : { sendInitialEvents }),
    };
    return this.#endpoint.store.watch(namespace, options)[Symbol.asyncIterator]();
  }

  async #pump(source: StorageWatchIterator<KubeObject>, sink: WatchSink): Promise<boolean> {
    const batch = new WatchBatch(sink.framing);
    await source.ready?.();
    sink.open();
    for (let result = await source.next(); result.done !== true; result = await source.next()) {
      this.#sendAll(batch, result.value, source, sink);
      const pressure = sink.pressure();
      if (pressure && !(await pressure)) return false;
    }
    return true;
  }

  /** Sends `first` and all that is at hand after it in one write, for writes are what a watch costs. */
  #sendAll(batch: WatchBatch, first: StorageEvent<KubeObject>, source: StorageWatchIterator<KubeObject>, sink: WatchSink): void {
    try {
      for (let event: StorageEvent<KubeObject> | undefined = first; event; event = batch.size < largestBatchBytes ? source.take?.() : undefined) {
        this.#add(batch, event);
      }
    } finally {
      const bytes = batch.take();
      if (bytes !== undefined) sink.send(bytes);
    }
  }

  #add(batch: WatchBatch, event: StorageEvent<KubeObject>): void {
    if (event.type === 'bookmark') {
      if (this.#parameters.bookmarks) batch.add('BOOKMARK', this.#bookmark(event.revision));
    } else if (this.#predicate !== undefined) {
      const selected = selectEvent(event, this.#predicate);
      if (selected) this.#addObject(batch, selected.type, selected.stored);
    } else {
      this.#addChange(batch, event);
    }
  }

  #addChange(batch: WatchBatch, change: Change): void {
    if (this.#as === 'object') batch.addChange(change);
    else this.#addObject(batch, eventTypeOf[change.type], change.stored);
  }

  #addObject(batch: WatchBatch, type: WatchEventType, stored: StoredObject): void {
    if (this.#as === 'object') batch.add(type, stored.json);
    else if (this.#as === 'Table') batch.add(type, this.#row(stored));
    else batch.add(type, encode(partialOf(stored.object)));
  }

  #row({ object, revision }: StoredObject): Buffer {
    const { clock } = this.#endpoint.services;
    const options = { metadata: { resourceVersion: revision }, query: this.#info.query, nowMs: clock.now(), withoutColumns: this.#columnsSent };
    this.#columnsSent = true;
    return encode(tableOf(this.#endpoint.info, [object], options));
  }

  #bookmark(resourceVersion: string): Buffer {
    const metadata = { resourceVersion, ...(this.#initialEventsEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}) };
    this.#initialEventsEnd = false;
    const partial = { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata };
    const { info } = this.#endpoint;
    if (this.#as === 'Table') {
      return encode({ kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata: { resourceVersion }, columnDefinitions: [], rows: [{ cells: [], object: partial }] });
    }
    return encode(this.#as === 'object' ? { kind: info.kind, apiVersion: apiVersionOf(info), metadata } : partial);
  }

  #timeoutMs(): number {
    const { timeoutSeconds = 0 } = this.#parameters;
    return timeoutSeconds !== 0 ? timeoutSeconds * 1000 : this.#endpoint.services.minWatchTimeoutMs * (1 + Math.random());
  }

  /** Where the client can resume from what it has seen, the stream just ends; otherwise it is told why. */
  #fail(sink: WatchSink, error: unknown): void {
    const { logger } = this.#endpoint.services;
    if (isStorageError(error, 'SlowConsumer') || isStorageError(error, 'Unreachable')) {
      logger.info({ err: error, resource: this.#endpoint.info.resource }, 'watch ended by the store');
      return;
    }
    const failure = toStatusError(this.#endpoint.store.failure(error));
    if (failure.code >= 500) logger.info({ err: error, resource: this.#endpoint.info.resource }, 'watch failed');
    sink.open();
    const batch = new WatchBatch(sink.framing);
    batch.add('ERROR', encode(failure.status));
    sink.send(batch.take() ?? Buffer.alloc(0));
  }
}

function withName(predicate: Predicate | undefined, name: string): Predicate | undefined {
  if (name === '') return predicate;
  return (object) => object.metadata.name === name && (!predicate || predicate(object));
}
