import type { KubeObject } from '@podling/shared/api';
import { apiVersionOf } from '@podling/shared/scheme';
import { selectEvent } from '../registry/generic/select-event.ts';
import { isStorageError } from '../storage/errors.ts';
import type { StorageEvent } from '../storage/storage.ts';
import { encodeEvent, encodeEventOnce } from './encode.ts';
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
  /** The watch is in place: what a client does from now on will be seen. */
  open(): void;
  /** Takes one event, a line of JSON. Never blocks. */
  send(line: Buffer): void;
  /**
   * Undefined while the client keeps up; otherwise resolves once it has caught up, to false if it has not within its
   * deadline: then the watch ends. Only this watch waits meanwhile.
   */
  pressure(): Promise<boolean> | undefined;
}

type Item = StorageEvent<KubeObject> & { initialEventsEnd?: true };

const minTimeoutSeconds = 1800;
const shapes = ['object', 'Table', 'PartialObjectMetadata', 'PartialObjectMetadataList'] as const;

/** A watch that is asked for and checked, not yet begun. */
export class WatchSession {
  readonly #endpoint: Endpoint;
  readonly #info: RequestInfo;
  readonly #parameters: WatchParameters;
  readonly #predicate: Predicate | undefined;
  readonly #as: Negotiated['as'];
  #columnsSent = false;

  /** Throws 400, 406 or 422 for a request that makes no sense. */
  constructor(endpoint: Endpoint, info: RequestInfo, accept: string | undefined) {
    this.#endpoint = endpoint;
    this.#info = info;
    this.#parameters = watchParameters(info.query);
    this.#predicate = withName(predicateOf(endpoint.store.strategy, info.query), info.name);
    this.#as = negotiate(accept, shapes).as;
  }

  /** Runs until the client leaves (`gone`), the server stops, the time is up or the store ends it. Never rejects. */
  async run(sink: WatchSink, gone: AbortSignal): Promise<void> {
    const { services } = this.#endpoint;
    const over = new AbortController();
    const signal = AbortSignal.any([gone, services.stopping, over.signal]);
    const timer = services.clock.setTimeout(() => over.abort(), this.#timeoutMs());
    const uncount = services.metrics.countLongRunning(this.#info);
    try {
      await this.#pump(sink, signal);
    } catch (error) {
      this.#fail(sink, error);
    } finally {
      uncount();
      timer.cancel();
      over.abort();
    }
  }

  async #pump(sink: WatchSink, signal: AbortSignal): Promise<void> {
    const source = this.#events(signal)[Symbol.asyncIterator]();
    let next = source.next();
    sink.open();
    for (let result = await next; !result.done && !signal.aborted; result = await next) {
      this.#deliver(sink, result.value);
      const pressure = sink.pressure();
      if (pressure && !(await pressure)) return;
      next = source.next();
    }
  }

  #deliver(sink: WatchSink, item: Item): void {
    if (item.type === 'bookmark') {
      if (this.#parameters.bookmarks) sink.send(this.#bookmark(item.revision, item.initialEventsEnd ?? false));
      return;
    }
    const selected = selectEvent(item, this.#predicate);
    if (selected) sink.send(this.#encode(selected.type, selected.object));
  }

  #encode(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: KubeObject): Buffer {
    if (this.#as === 'object') return encodeEvent(type, object);
    if (this.#as !== 'Table') return encodeEventOnce(type, partialOf(object));
    const { resourceVersion } = object.metadata;
    const options = {
      metadata: resourceVersion === undefined ? {} : { resourceVersion },
      query: this.#info.query, nowMs: this.#endpoint.services.clock.now(), withoutColumns: this.#columnsSent,
    };
    this.#columnsSent = true;
    return encodeEventOnce(type, tableOf(this.#endpoint.info, [object], options));
  }

  #bookmark(resourceVersion: string, initialEventsEnd: boolean): Buffer {
    const annotations = initialEventsEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {};
    const metadata = { resourceVersion, creationTimestamp: null, ...annotations };
    const { info } = this.#endpoint;
    if (this.#as === 'Table') {
      return encodeEventOnce('BOOKMARK', { kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata: { resourceVersion, ...annotations }, columnDefinitions: [], rows: [] });
    }
    const type = this.#as === 'object' ? { kind: info.kind, apiVersion: apiVersionOf(info) } : { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' };
    return encodeEventOnce('BOOKMARK', { ...type, metadata });
  }

  #events(signal: AbortSignal): AsyncIterable<Item> {
    const { resourceVersion, bookmarks, sendInitialEvents } = this.#parameters;
    const namespace = this.#namespace();
    if (sendInitialEvents) return this.#initialThenChanges(namespace, signal);
    return this.#endpoint.store.watch(namespace, { signal, bookmarks, ...(resourceVersion === undefined ? {} : { resourceVersion }) });
  }

  /** Streaming list: the present state, a bookmark that says so, then the changes. */
  async *#initialThenChanges(namespace: string, signal: AbortSignal): AsyncGenerator<Item> {
    const { store } = this.#endpoint;
    const { resourceVersion, bookmarks } = this.#parameters;
    const { items, metadata } = await store.list(namespace, { resourceVersion });
    const revision = metadata.resourceVersion ?? '0';
    for (const object of items) yield { type: 'added', key: '', object, revision: object.metadata.resourceVersion ?? revision };
    yield { type: 'bookmark', revision, initialEventsEnd: true };
    yield* store.watch(namespace, { signal, bookmarks, resourceVersion: revision });
  }

  #namespace(): string {
    return this.#endpoint.info.namespaced ? this.#info.namespace : '';
  }

  #timeoutMs(): number {
    const { timeoutSeconds } = this.#parameters;
    return (timeoutSeconds || minTimeoutSeconds * (1 + Math.random())) * 1000;
  }

  /** Where the client can resume from what it has seen, the stream just ends; otherwise it is told why. */
  #fail(sink: WatchSink, error: unknown): void {
    const { logger } = this.#endpoint.services;
    if (isStorageError(error, 'SlowConsumer') || isStorageError(error, 'Unreachable')) {
      logger.info({ err: error, resource: this.#endpoint.info.resource }, 'watch ended by the store');
      return;
    }
    const failure = toStatusError(this.#endpoint.store.failure(error));
    if (failure.code >= 500) logger.warn({ err: error, resource: this.#endpoint.info.resource }, 'watch failed');
    sink.open();
    sink.send(encodeEventOnce('ERROR', failure.status));
  }
}

function withName(predicate: Predicate | undefined, name: string): Predicate | undefined {
  if (name === '') return predicate;
  return (object) => object.metadata.name === name && (!predicate || predicate(object));
}
