import { AsyncQueue } from '@podling/shared/util';
import { CriError } from './cri.ts';
import type { ContainerEvent } from './cri.ts';

/** What a reader may be behind; beyond that it has to list. */
const MAX_WAITING_EVENTS = 10_000;

/** Those who read a runtime's events, each as fast as it likes and until its signal aborts. */
export class EventReaders {
  /** With what stops listening to their signal. */
  readonly #readers = new Map<AsyncQueue<ContainerEvent>, () => void>();

  /** One reader more. `refusal`: why there are no events now; its iteration fails with that. */
  read(signal: AbortSignal, refusal?: CriError): AsyncIterable<ContainerEvent> {
    const reader = new AsyncQueue<ContainerEvent>({ capacity: MAX_WAITING_EVENTS });
    if (signal.aborted) reader.end();
    else if (refusal !== undefined) reader.fail(refusal);
    else this.#attach(reader, signal);
    return reader;
  }

  /** One that is too far behind fails with `Unavailable`. */
  emit(event: ContainerEvent): void {
    for (const [reader, detach] of this.#readers) {
      if (reader.push(event)) continue;
      reader.fail(new CriError('Unavailable', `events are missing: more than ${MAX_WAITING_EVENTS} were not read`));
      this.#readers.delete(reader);
      detach();
    }
  }

  /** Of all, behind what was emitted; with an error when events may be missing. */
  end(error?: CriError): void {
    for (const [reader, detach] of this.#readers) {
      detach();
      if (error === undefined) reader.end();
      else reader.fail(error);
    }
    this.#readers.clear();
  }

  #attach(reader: AsyncQueue<ContainerEvent>, signal: AbortSignal): void {
    const abort = (): void => {
      this.#readers.delete(reader);
      reader.discard();
    };
    signal.addEventListener('abort', abort, { once: true });
    this.#readers.set(reader, () => signal.removeEventListener('abort', abort));
  }
}
