import type { ClientReadableStream } from '@grpc/grpc-js';
import { exponentialBackoff } from '@podling/shared/util';
import type { Clock, Logger } from '@podling/shared/util';
import { CriError } from '../cri.ts';
import type { ContainerEvent } from '../cri.ts';
import { EventReaders } from '../event-readers.ts';
import type { ContainerEventResponse } from '../v1/index.ts';
import type { CriClient } from './cri-client.ts';
import { containerEvent } from './event-messages.ts';

export interface EventHubOptions {
  client: CriClient;
  clock: Clock;
  logger: Logger;
}

/**
 * One event stream of the runtime, handed on to any number of readers. containerd 1.7 gives each event to one of its
 * streams only, and one more to each stream that has ended: so there is one, from the first reader until the runtime is
 * closed. When it is lost its readers are told, and it is opened again by itself.
 */
export class EventHub {
  readonly #options: EventHubOptions;
  readonly #readers = new EventReaders();
  readonly #stopping = new AbortController();
  #state: 'idle' | 'open' | 'waiting' = 'idle';
  #running: Promise<void> = Promise.resolve();

  constructor(options: EventHubOptions) {
    this.#options = options;
  }

  subscribe(signal: AbortSignal): AsyncIterable<ContainerEvent> {
    const refusal = this.#refusal();
    const events = this.#readers.read(signal, refusal);
    if (refusal === undefined && !signal.aborted && this.#state === 'idle') this.#running = this.#run();
    return events;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    this.#readers.end();
  }

  #refusal(): CriError | undefined {
    if (this.#stopping.signal.aborted) return new CriError('Unavailable', 'the runtime is closed');
    return this.#state === 'waiting' ? new CriError('Unavailable', 'no connection to the container runtime') : undefined;
  }

  async #run(): Promise<void> {
    const backoff = exponentialBackoff({ initialMs: 50, maxMs: 1_000 });
    while (!this.#stopping.signal.aborted) {
      this.#state = 'open';
      const error = await this.#read(() => backoff.reset());
      const unimplemented = error.code === 'Unimplemented';
      this.#state = unimplemented ? 'idle' : 'waiting';
      if (!this.#stopping.signal.aborted) this.#readers.end(error);
      if (unimplemented) return;
      await this.#options.clock.sleep(backoff.next(), this.#stopping.signal).catch(() => {});
    }
  }

  /** Hands events on until the stream is lost; resolves with why it was. */
  async #read(onEvent: () => void): Promise<CriError> {
    const stream = this.#options.client.events();
    const stop = (): void => stream.cancel();
    this.#stopping.signal.addEventListener('abort', stop, { once: true });
    stream.on('data', (message: ContainerEventResponse) => {
      onEvent();
      this.#hand(message);
    });
    try {
      return await lost(this.#options.client, stream);
    } finally {
      this.#stopping.signal.removeEventListener('abort', stop);
    }
  }

  #hand(message: ContainerEventResponse): void {
    try {
      const event = containerEvent(message);
      if (event !== undefined) this.#readers.emit(event);
    } catch (error) {
      this.#options.logger.warn({ err: error }, 'the container runtime sent an event that makes no sense');
      this.#readers.end(new CriError('Unavailable', `events may be missing: ${(error as Error).message}`, { cause: error }));
    }
  }
}

function lost(client: CriClient, stream: ClientReadableStream<ContainerEventResponse>): Promise<CriError> {
  return new Promise((resolve) => {
    stream.on('end', () => resolve(new CriError('Unavailable', 'GetContainerEvents: the container runtime ended the stream')));
    stream.on('error', (error) => {
      const { code, message } = client.eventsError(error);
      resolve(new CriError(code === 'Unimplemented' ? code : 'Unavailable', message, { cause: error }));
    });
  });
}
