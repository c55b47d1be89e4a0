import { sanitizeCell } from '@podling/shared/sanitize';

const NARROWEST = 20;
const PADDING = 3;

/** Rows in columns at least 20 wide and three spaces apart; the last column is as long as it is. */
export function table(rows: readonly (readonly string[])[]): string {
  const clean = rows.map((row) => row.map(sanitizeCell));
  const columns = Math.max(0, ...clean.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, index) => Math.max(NARROWEST, ...clean.map((row) => (row[index]?.length ?? 0) + PADDING)));
  return clean.map((row) => `${row.map((cell, index) => (index === row.length - 1 ? cell : cell.padEnd(widths[index] ?? 0))).join('')}\n`).join('');
}

/** What is written before a picture that replaces the last. */
export const clearScreen = '\u001b[2J\u001b[H';
