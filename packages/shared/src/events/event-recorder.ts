import { ApiStatusError, isAlreadyExists, isNotFound } from '../api/errors.ts';
import { formatTime, namespaceOf } from '../api/meta.ts';
import type { Event, KubeObject } from '../api/index.ts';
import type { Client } from '../client/client.ts';
import { AsyncQueue } from '../util/async-queue.ts';
import { exponentialBackoff } from '../util/backoff.ts';
import { systemClock } from '../util/clock.ts';
import type { Clock } from '../util/clock.ts';
import { createLogger } from '../util/logger.ts';
import type { Logger } from '../util/logger.ts';
import { EventCorrelator } from './event-correlator.ts';
import { EventSpamFilter } from './event-spam-filter.ts';

export type EventType = 'Normal' | 'Warning';

export interface EventDetails {
  /** The part of the object meant: `spec.containers{web}`. */
  fieldPath?: string;
  /** Of the Event itself. */
  annotations?: Readonly<Record<string, string>>;
}

export interface EventRecorder {
  /** Queues an Event about `object`, which must carry its kind; it is sent in the background. Never throws and never waits. */
  event(object: KubeObject, type: EventType, reason: string, message: string, details?: EventDetails): void;
  /** Sends what is queued, once each, and ends; what is left when the server is found to be away is dropped. */
  stop(): Promise<void>;
}

export interface EventRecorderOptions {
  client: Pick<Client, 'events'>;
  /** `source.component`, e.g. `default-scheduler`. */
  component: string;
  /** `source.host`: the node, for a kubelet. */
  host?: string;
  clock?: Clock;
  logger?: Logger;
  /** How long an Event waits before it is sent. Default 0. */
  lingerMs?: number;
  /** Events that may wait for the server; more are dropped and counted in the log. Default 1000. */
  capacity?: number;
}

const attempts = 12;
/** The `lingerMs` of a component whose Events tell of work that is under way: the work comes first. */
export const workFirstMs = 500;

interface QueuedEvent {
  event: Event;
  /** Monotonic. */
  dueMs: number;
}

/**
 * Sends Events in order in the background. A repeat (same object, reason, message) raises the count of the first one;
 * what is more than 25 about one object and then one in five minutes is dropped.
 * A server that is away is waited for, an Event that it refuses is dropped. Upstream twin: client-go `EventRecorder`.
 */
export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  return new QueuedEventRecorder(options);
}

class QueuedEventRecorder implements EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #queue: AsyncQueue<QueuedEvent>;
  readonly #correlator = new EventCorrelator();
  readonly #spamFilter: EventSpamFilter;
  readonly #ending = new AbortController();
  #sending: Promise<void> | undefined;
  #dropped = 0;
  #serial = 0;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#spamFilter = new EventSpamFilter(this.#clock);
    this.#logger = options.logger ?? createLogger('events');
    this.#queue = new AsyncQueue<QueuedEvent>({ capacity: options.capacity ?? 1000 });
  }

  event(object: KubeObject, type: EventType, reason: string, message: string, details: EventDetails = {}): void {
    this.#sending ??= this.#send();
    const event = this.#build(object, { type, reason, message }, details);
    if (!this.#spamFilter.allows(event)) return;
    if (this.#queue.push({ event, dueMs: this.#clock.monotonic() + (this.#options.lingerMs ?? 0) })) return;
    this.#dropped += 1;
    this.#logger.warn({ object: object.metadata.name, reason, dropped: this.#dropped }, 'event dropped, the queue is full');
  }

  async stop(): Promise<void> {
    this.#queue.end();
    this.#ending.abort(new Error('the event recorder stops'));
    await this.#sending;
  }

  #build(object: KubeObject, what: { type: EventType; reason: string; message: string }, details: EventDetails): Event {
    const { component, host } = this.#options;
    const { name, uid, resourceVersion } = object.metadata;
    const objectNamespace = namespaceOf(object);
    const namespace = objectNamespace === '' ? 'default' : objectNamespace;
    const time = formatTime(new Date(this.#clock.now()));
    return {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: this.#uniqueName(name), namespace, ...(details.annotations === undefined ? {} : { annotations: { ...details.annotations } }) },
      involvedObject: {
        ...(object.kind === undefined ? {} : { kind: object.kind }),
        ...(object.apiVersion === undefined ? {} : { apiVersion: object.apiVersion }),
        ...(objectNamespace === '' ? {} : { namespace: objectNamespace }),
        name,
        ...(uid === undefined ? {} : { uid }),
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
        ...(details.fieldPath === undefined ? {} : { fieldPath: details.fieldPath }),
      },
      ...what,
      source: { component, ...(host === undefined ? {} : { host }) },
      firstTimestamp: time,
      lastTimestamp: time,
      count: 1,
      reportingComponent: component,
      reportingInstance: host ?? '',
    };
  }

  /** `NAME.TIME`, the time as hexadecimal nanoseconds; a long name is cut so that the whole stays valid. */
  #uniqueName(name: string): string {
    this.#serial = (this.#serial + 1) % 1_000_000;
    const nanoseconds = BigInt(Math.floor(this.#clock.now())) * 1_000_000n + BigInt(this.#serial);
    const suffix = nanoseconds.toString(16);
    return `${name.slice(0, 252 - suffix.length).replace(/[.-]+$/, '')}.${suffix}`;
  }

  async #send(): Promise<void> {
    for await (const { event, dueMs } of this.#queue) {
      await this.#pause(dueMs - this.#clock.monotonic());
      try {
        await this.#deliver(event);
      } catch (error) {
        this.#logger.warn({ err: error, object: event.involvedObject.name, reason: event.reason }, 'event not recorded');
        if (this.#ending.signal.aborted && !isRefusal(error)) this.#queue.discard();
      }
    }
  }

  async #deliver(event: Event): Promise<void> {
    const backoff = exponentialBackoff({ initialMs: 500, maxMs: 10_000, jitter: 0.2 });
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#record(event);
        return;
      } catch (error) {
        if (isRefusal(error) || attempt === attempts || this.#ending.signal.aborted) throw error;
        await this.#pause(backoff.next());
      }
    }
  }

  /** Ends when the recorder stops. */
  async #pause(ms: number): Promise<void> {
    if (ms > 0) await this.#clock.sleep(ms, this.#ending.signal).catch(() => undefined);
  }

  async #record(event: Event): Promise<void> {
    const events = this.#options.client.events(namespaceOf(event));
    const earlier = this.#correlator.find(event);
    if (earlier !== undefined) {
      const count = earlier.count + 1;
      try {
        await events.patch(earlier.name, { count, lastTimestamp: event.lastTimestamp }, 'application/merge-patch+json');
        this.#correlator.remember(event, { ...earlier, count });
        return;
      } catch (error) {
        if (!isNotFound(error)) throw error;
        this.#correlator.forget(event);
      }
    }
    await events.create(event).catch(acceptExisting);
    this.#correlator.remember(event, { namespace: namespaceOf(event), name: event.metadata.name, count: 1 });
  }
}

/** A create whose answer was lost has been done: the name is unique. */
function acceptExisting(error: unknown): void {
  if (!isAlreadyExists(error)) throw error;
}

function isRefusal(error: unknown): boolean {
  return error instanceof ApiStatusError && error.code >= 400 && error.code < 500 && error.code !== 429;
}
