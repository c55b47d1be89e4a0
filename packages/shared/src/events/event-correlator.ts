import type { Event } from '../api/index.ts';

/** What is known of an event that was sent before. */
export interface SentEvent {
  namespace: string;
  name: string;
  count: number;
}

const capacity = 4096;

/**
 * Remembers what was sent, so that a repeat becomes a higher count on the same Event. Holds the 4,096 used last.
 * Upstream twin: client-go `EventCorrelator` (without aggregation).
 */
export class EventCorrelator {
  readonly #sent = new Map<string, SentEvent>();

  /** The Event this one repeats. */
  find(event: Event): SentEvent | undefined {
    return this.#sent.get(correlationKey(event));
  }

  remember(event: Event, sent: SentEvent): void {
    const key = correlationKey(event);
    this.#sent.delete(key);
    this.#sent.set(key, sent);
    if (this.#sent.size <= capacity) return;
    const { value: oldest } = this.#sent.keys().next();
    if (oldest !== undefined) this.#sent.delete(oldest);
  }

  forget(event: Event): void {
    this.#sent.delete(correlationKey(event));
  }
}

function correlationKey({ source, involvedObject: object, type, reason, message }: Event): string {
  return JSON.stringify([
    source?.component, source?.host, object.kind, object.namespace, object.name, object.uid, object.fieldPath, type, reason, message,
  ]);
}
