import { CommandError } from '../report.ts';

/** `key=value` each. */
export function parsePairs(pairs: readonly string[] = []): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [key = '', value, ...more] = pair.split('=');
      if (value === undefined || more.length > 0) throw new CommandError(`incorrectly specified label: ${pair}`);
      return [key, value];
    }),
  );
}

/** Of a regular expression somewhere in the text; none fits all, and a broken one nothing. */
export function fits(pattern: string | undefined, text: string): boolean {
  if (pattern === undefined || pattern === '') return true;
  try {
    return new RegExp(pattern).test(text);
  } catch {
    return false;
  }
}

export interface Newest {
  latest?: boolean;
  last?: string;
}

/** The newest first, as many as are wanted. */
export function newest<Item extends { createdAt: string }>(items: readonly Item[], { latest = false, last }: Newest): Item[] {
  const sorted = items.toSorted((one, other) => Number(BigInt(other.createdAt) - BigInt(one.createdAt)));
  const wanted = last === undefined ? 0 : wholeNumber(last, 'last');
  if (wanted > 0) return sorted.slice(0, wanted);
  return latest ? sorted.slice(0, 1) : sorted;
}

export function wholeNumber(text: string, flag: string): number {
  if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(Number(text))) throw new CommandError(`invalid value ${JSON.stringify(text)} for flag -${flag}: it is no whole number`);
  return Number(text);
}

/** Repeated, and with commas. */
export function listed(value: string, before: string[] = []): string[] {
  return [...before, ...value.split(',')];
}
