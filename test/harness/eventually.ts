/** What `eventually` needs to know about patience; the defaults suit one machine with two cores. */
export interface Patience {
  timeoutMs?: number;
  intervalMs?: number;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Looks at the world until `look` neither throws nor answers undefined or false; else throws what it last saw. */
export async function eventually<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  { timeoutMs = 60_000, intervalMs = 100 }: Patience = {},
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  let last: unknown;
  do {
    try {
      const seen = await look();
      if (seen !== undefined && seen !== false) return seen;
      last = seen;
    } catch (error) {
      last = error;
    }
    await pause(intervalMs);
  } while (Date.now() < deadline);
  throw new Error(`never happened: ${what}`, { cause: last });
}
