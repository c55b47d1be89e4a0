import type { CriRuntime } from '@podling/cri';
import { eventually } from './eventually.ts';

/** Waits until the runtime's events can be read: a stream that is not there yet refuses its readers. */
export function eventsStarted(runtime: CriRuntime): Promise<boolean> {
  return eventually('events can be read', () => {
    const aborting = new AbortController();
    const next = runtime.events(aborting.signal)[Symbol.asyncIterator]().next();
    aborting.abort();
    return next.then(() => true, () => false);
  }, { intervalMs: 20 });
}
