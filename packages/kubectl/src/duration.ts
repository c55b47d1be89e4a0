import { CommandError } from './errors.ts';

/** Milliseconds of a flag's duration: `5s`, `1m30s`, or plain seconds. */
export async function parseDuration(text: string, flag: string): Promise<number> {
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  // Only here: most command lines hold no duration.
  const { parseDurationMs } = await import('@podling/shared/duration');
  try {
    return parseDurationMs(text);
  } catch (error) {
    throw new CommandError(`invalid argument "${text}" for "--${flag}": ${(error as Error).message}`, { cause: error });
  }
}
