import { setTimeout as pause } from 'node:timers/promises';

/** Looks every 200 ms until `look` answers something; fails after `seconds` with the last thing that went wrong. */
export async function until<T>(what: string, seconds: number, look: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  let last: unknown;
  do {
    try {
      const seen = await look();
      if (seen !== undefined) return seen;
    } catch (error) {
      last = error;
    }
    await pause(200);
  } while (Date.now() < deadline);
  throw new Error(`not within ${seconds} s: ${what}`, last === undefined ? undefined : { cause: last });
}
