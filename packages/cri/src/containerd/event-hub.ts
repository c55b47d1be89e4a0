import type { ServiceError } from '@grpc/grpc-js';
import { AsyncQueue, exponentialBackoff } from '@podling/shared/util';
import type { Clock, Logger } from '@podling/shared/util';
import { CriError } from '../cri.ts';
import type { ContainerEvent, PodSandboxMetadata } from '../cri.ts';
import { EventReaders } from '../event-readers.ts';
import { criErrorOf } from './containerd-client.ts';
import type { ContainerdClient } from './containerd-client.ts';
import { timestampMs } from './containerd-types.ts';
import type { Envelope, Timestamp } from './containerd-types.ts';

export interface EventHubOptions {
  client: ContainerdClient;
  clock: Clock;
  logger: Logger;
  /** After each connection, before the first event is handed on. */
  onConnected: () => Promise<void>;
  /** Before an exit is handed on. */
  onExit: (containerId: string, exit: TaskExit) => void;
  /** A task was made and is not started yet; told at once, to nobody else. */
  onTaskMade: (containerId: string, pid: number) => void;
  /** Whose container it is; undefined for a foreign one. */
  lookUp: (containerId: string) => Promise<PodSandboxMetadata | undefined>;
}

export interface TaskExit {
  pid: number;
  exitStatus: number;
  exitedAt: Timestamp | null;
}

interface Fields extends Partial<TaskExit> {
  id?: string;
  containerId?: string;
}

const types: Record<string, ContainerEvent['type']> = {
  '/containers/create': 'CONTAINER_CREATED_EVENT',
  '/tasks/start': 'CONTAINER_STARTED_EVENT',
  '/tasks/exit': 'CONTAINER_STOPPED_EVENT',
  '/containers/delete': 'CONTAINER_DELETED_EVENT',
};

/** Beyond that it connects again, and lists. */
const MAX_WAITING_ENVELOPES = 10_000;

/**
 * One subscription to containerd's events, handed on to any number of readers. It reconnects by itself; readers are
 * told that events may be missing by an `Unavailable`.
 */
export class EventHub {
  readonly #options: EventHubOptions;
  readonly #readers = new EventReaders();
  readonly #owners = new Map<string, PodSandboxMetadata>();
  readonly #stopping = new AbortController();
  #connected = false;
  #running: Promise<void> | undefined;

  constructor(options: EventHubOptions) {
    this.#options = options;
  }

  /** Twice is as once. */
  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    this.#readers.end();
  }

  subscribe(signal: AbortSignal): AsyncIterable<ContainerEvent> {
    return this.#readers.read(signal, this.#connected ? undefined : new CriError('Unavailable', 'no connection to containerd'));
  }

  emit(event: ContainerEvent): void {
    this.#readers.emit(event);
  }

  async #run(): Promise<void> {
    const { clock, logger } = this.#options;
    const backoff = exponentialBackoff({ initialMs: 50, maxMs: 1_000 });
    while (!this.#stopping.signal.aborted) {
      try {
        await this.#read(() => backoff.reset());
      } catch (error) {
        if (this.#connected && !this.#stopping.signal.aborted) logger.warn({ err: error }, 'containerd event stream lost');
      }
      this.#lose();
      await clock.sleep(backoff.next(), this.#stopping.signal).catch(() => {});
    }
  }

  async #read(onReady: () => void): Promise<void> {
    const { client, onConnected } = this.#options;
    const filters = [`namespace==${client.namespace},topic~="^/containers/"`, `namespace==${client.namespace},topic~="^/tasks/(create|start|exit)"`];
    const stream = client.stream('events', 'subscribe', { filters });
    const abort = (): void => stream.cancel();
    this.#stopping.signal.addEventListener('abort', abort, { once: true });
    const envelopes = new AsyncQueue<Envelope>({ capacity: MAX_WAITING_ENVELOPES });
    stream.on('data', (envelope: Envelope) => {
      if (!envelopes.push(envelope)) envelopes.fail(new CriError('Unavailable', `more than ${MAX_WAITING_ENVELOPES} events wait to be looked at`));
    });
    stream.on('error', (error) => envelopes.fail(criErrorOf(error as ServiceError, 'events.subscribe', client.address)));
    stream.on('end', () => envelopes.end());
    try {
      // There is no answer to a subscription; a call after it on the same connection is answered after it.
      await client.call('version', 'version', {});
      await onConnected();
      this.#connected = true;
      onReady();
      for await (const envelope of envelopes) await this.#handle(envelope);
    } finally {
      this.#stopping.signal.removeEventListener('abort', abort);
      stream.cancel();
    }
  }

  #lose(): void {
    this.#connected = false;
    this.#owners.clear();
    this.#readers.end(new CriError('Unavailable', 'the connection to containerd was lost'));
  }

  async #handle(envelope: Envelope): Promise<void> {
    const type = types[envelope.topic];
    const fields = envelope.event === null ? undefined : this.#options.client.decode<Fields>(envelope.event);
    const containerId = fields?.containerId || fields?.id;
    if (envelope.topic === '/tasks/create' && containerId) this.#options.onTaskMade(containerId, fields?.pid ?? 0);
    if (type === undefined || containerId === undefined || containerId === '') return;
    // The exit of an exec carries the exec's id.
    if (type === 'CONTAINER_STOPPED_EVENT' && fields?.id !== containerId) return;
    const owner = this.#owners.get(containerId) ?? (await this.#lookUp(containerId));
    if (type === 'CONTAINER_STOPPED_EVENT') this.#options.onExit(containerId, { pid: fields?.pid ?? 0, exitStatus: fields?.exitStatus ?? 0, exitedAt: fields?.exitedAt ?? null });
    if (type === 'CONTAINER_DELETED_EVENT') this.#owners.delete(containerId);
    const event = { type, containerId, timestampMs: timestampMs(envelope.timestamp) };
    this.emit(owner === undefined ? event : { ...event, podSandboxMetadata: owner });
  }

  async #lookUp(containerId: string): Promise<PodSandboxMetadata | undefined> {
    const owner = await this.#options.lookUp(containerId).catch(() => undefined);
    if (owner !== undefined) this.#owners.set(containerId, owner);
    return owner;
  }
}
