import { sanitize } from '@podling/shared/sanitize';

/** `Name: value` each, in one line; one without a value is left out. */
export function lines(entries: readonly (readonly [name: string, value: string | undefined])[]): string {
  return entries.flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${inOneLine(value)}\n`])).join('');
}

/** A heading and a line for each, in the order of the keys; nothing for none. */
export function mapLines(heading: string, map: Record<string, string>): string {
  const keys = Object.keys(map).toSorted();
  return keys.length === 0 ? '' : `${heading}:\n${keys.map((key) => `\t${inOneLine(`${key} -> ${map[key]}`)}\n`).join('')}`;
}

/** As Go writes a map. */
export function goMap(map: Record<string, string>): string {
  return `map[${Object.keys(map).toSorted().map((key) => `${key}:${map[key]}`).join(' ')}]`;
}

/** A line break in a name would make lines of its own. */
function inOneLine(text: string): string {
  return sanitize(text.replaceAll('\n', '\\n'));
}
