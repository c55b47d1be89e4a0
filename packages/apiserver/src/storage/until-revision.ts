import type { Clock } from '@podling/shared/util';
import { StorageError } from './errors.ts';
import type { Notifier } from './notifier.ts';
import { isNewerRevision } from './versioner.ts';

/** Long enough for a server that lags behind another one; Kubernetes' figure. */
const patienceMs = 3000;

export interface RevisionSource {
  clock: Clock;
  current(): string;
  /** Told whenever `current` may have moved. */
  moved: Notifier;
}

/** Waits up to 3 s for the source to reach `revision`. Fails with `TooLargeResourceVersion`. */
export async function untilRevision(revision: string, { clock, current, moved }: RevisionSource): Promise<void> {
  const timeout = new AbortController();
  const timer = clock.setTimeout(() => timeout.abort(), patienceMs);
  while (isNewerRevision(revision, current()) && !timeout.signal.aborted) await moved.wait(timeout.signal);
  timer.cancel();
  if (isNewerRevision(revision, current())) throw tooLarge(revision, current());
}

export function tooLarge(revision: string, current: string): StorageError {
  return new StorageError('TooLargeResourceVersion', `${revision}, current: ${current}`);
}
