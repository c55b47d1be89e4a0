import { waitUntil } from '@podling/deploy/observe';

/** Looks at the world until `look` neither throws nor answers undefined or false; else throws what it last saw. */
export function eventually<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  { timeoutMs = 60_000, ...patience }: { timeoutMs?: number; intervalMs?: number } = {},
): Promise<T> {
  return waitUntil(what, look, { timeoutMs, ...patience });
}
