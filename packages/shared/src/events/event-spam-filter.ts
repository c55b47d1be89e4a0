import type { Event } from '../api/index.ts';
import type { Clock } from '../util/clock.ts';

interface Bucket {
  tokens: number;
  filledMs: number;
}

const capacity = 4096;
const burst = 25;
const refillMs = 300_000;

/**
 * Keeps one source from flooding the server about one object: 25 Events at once, then one in five minutes, repeats
 * included. Knows the 4,096 objects used last. Upstream twin: client-go `EventSourceObjectSpamFilter`.
 */
export class EventSpamFilter {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #buckets = new Map<string, Bucket>();

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** Whether the Event may be sent; counts it if so. */
  allows(event: Event): boolean {
    const key = sourceAndObject(event);
    const now = this.#clock.monotonic();
    const { tokens, filledMs } = this.#buckets.get(key) ?? { tokens: burst, filledMs: now };
    const available = Math.min(burst, tokens + (now - filledMs) / refillMs);
    const allowed = available >= 1;
    this.#buckets.delete(key);
    this.#buckets.set(key, { tokens: allowed ? available - 1 : available, filledMs: now });
    this.#dropOldest();
    return allowed;
  }

  #dropOldest(): void {
    if (this.#buckets.size <= capacity) return;
    const { value: oldest } = this.#buckets.keys().next();
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}

function sourceAndObject({ source, involvedObject: object }: Event): string {
  return JSON.stringify([source?.component, source?.host, object.kind, object.namespace, object.name, object.uid]);
}
