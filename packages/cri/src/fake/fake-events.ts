import { CriError } from '../cri.ts';
import type { ContainerEvent } from '../cri.ts';

interface Subscriber {
  queue: ContainerEvent[];
  error: CriError | undefined;
  done: boolean;
  wake: () => void;
}

/** Fans events out to every open stream; `fail` ends them all the way a lost connection does. */
export class FakeEvents {
  readonly #subscribers = new Set<Subscriber>();

  emit(event: ContainerEvent): void {
    for (const subscriber of this.#subscribers) {
      subscriber.queue.push(event);
      subscriber.wake();
    }
  }

  fail(error: CriError): void {
    for (const subscriber of this.#subscribers) {
      subscriber.error = error;
      subscriber.wake();
    }
  }

  /** Subscribed from this call on, not from the first `next()`. */
  subscribe(signal: AbortSignal): AsyncIterable<ContainerEvent> {
    const subscriber: Subscriber = { queue: [], error: undefined, done: signal.aborted, wake: () => {} };
    const abort = (): void => {
      subscriber.done = true;
      subscriber.wake();
    };
    signal.addEventListener('abort', abort, { once: true });
    this.#subscribers.add(subscriber);
    return this.#iterate(subscriber, () => {
      signal.removeEventListener('abort', abort);
      this.#subscribers.delete(subscriber);
    });
  }

  async *#iterate(subscriber: Subscriber, close: () => void): AsyncGenerator<ContainerEvent> {
    try {
      while (!subscriber.done) {
        const event = subscriber.queue.shift();
        if (event !== undefined) yield event;
        else if (subscriber.error !== undefined) throw subscriber.error;
        else await new Promise<void>((resolve) => (subscriber.wake = resolve));
      }
    } finally {
      close();
    }
  }
}
