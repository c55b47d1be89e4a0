import { AsyncQueue } from '@podling/shared/util';
import type { ContainerEvent, CriError } from '../cri.ts';

/** Fans events out to every open stream; `fail` ends them all the way a lost connection does. */
export class FakeEvents {
  readonly #readers = new Set<AsyncQueue<ContainerEvent>>();

  emit(event: ContainerEvent): void {
    for (const reader of this.#readers) reader.push(event);
  }

  fail(error: CriError): void {
    for (const reader of this.#readers) reader.fail(error);
    this.#readers.clear();
  }

  /** Subscribed from this call on, not from the first `next()`. */
  subscribe(signal: AbortSignal): AsyncIterable<ContainerEvent> {
    const reader = new AsyncQueue<ContainerEvent>();
    const end = (): void => {
      this.#readers.delete(reader);
      reader.end();
    };
    if (signal.aborted) return (end(), reader);
    this.#readers.add(reader);
    signal.addEventListener('abort', end, { once: true });
    return reader;
  }
}
