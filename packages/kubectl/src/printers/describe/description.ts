import { sanitize } from '@podling/shared/sanitize';

/** One line of a description, with what stands below it. */
export interface Entry {
  label: string;
  /** Several values stand below each other. */
  value?: string | readonly string[];
  children?: readonly Entry[];
  /** Rows of cells; the first is the header. */
  table?: readonly (readonly string[])[];
  /** Lines without a label, above the table. */
  items?: readonly string[];
}

const NONE = '<none>';
const INDENT = '  ';
const GAP = '  ';

/** A line with a value; nothing known shows as `<none>`. */
export function field(label: string, value: string | number | boolean | undefined | null): Entry {
  return { label, value: value === undefined || value === null || value === '' ? NONE : String(value) };
}

/** A line with a sub-tree, or `<none>` when the tree is empty. */
export function section(label: string, children: readonly Entry[]): Entry {
  return children.length === 0 ? { label, value: NONE } : { label, children };
}

const HIDDEN_ANNOTATIONS = new Set(['kubectl.kubernetes.io/last-applied-configuration']);

/** All but those that only machines read. */
export function annotationsField(annotations: Record<string, string> | undefined): Entry {
  const shown = Object.entries(annotations ?? {}).filter(([key]) => !HIDDEN_ANNOTATIONS.has(key));
  return mapField('Annotations', Object.fromEntries(shown), ': ');
}

export function mapField(label: string, map: Record<string, string> | undefined, separator: string): Entry {
  const pairs = Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return { label, value: pairs.length === 0 ? NONE : pairs.map(([key, value]) => `${key}${separator}${value}`) };
}

/** Header, a rule under it, then the rows. */
export function ruled(header: readonly string[], rows: readonly (readonly string[])[]): (readonly string[])[] {
  return [header, header.map((name) => '-'.repeat(name.length)), ...rows];
}

function renderTable(rows: readonly (readonly string[])[], indent: string): string {
  const count = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows.map((row) => `${indent}${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(GAP)}`.trimEnd().concat('\n')).join('');
}

function renderValue(value: string | readonly string[], width: number, indent: string): string {
  const values = typeof value === 'string' ? value.split('\n') : value;
  return values.join(`\n${indent}${' '.repeat(width)}`);
}

function renderEntry(entry: Entry, width: number, indent: string): string {
  const { label, value, children, table, items } = entry;
  const head = value === undefined ? `${indent}${label}:` : `${indent}${`${label}:`.padEnd(width)}${renderValue(value, width, indent)}`;
  const inner = indent + INDENT;
  return [
    `${head.trimEnd()}\n`,
    children === undefined ? '' : renderEntries(children, inner),
    ...(items ?? []).map((item) => `${inner}${item}\n`),
    table === undefined ? '' : renderTable(table, inner),
  ].join('');
}

function renderEntries(entries: readonly Entry[], indent: string): string {
  const labels = entries.filter((e) => e.value !== undefined).map((e) => e.label.length + 1);
  const width = Math.max(0, ...labels) + GAP.length;
  return entries.map((entry) => renderEntry(entry, width, indent)).join('');
}

/** The text of a description: values of neighbours stand under each other. */
export function render(entries: readonly Entry[]): string {
  return sanitize(renderEntries(entries, ''));
}

/** `Mon, 02 Jan 2006 15:04:05 +0000`, the form `describe` shows times in. */
export function longTime(timestamp: string | null | undefined): string | undefined {
  return timestamp ? new Date(timestamp).toUTCString().replace('GMT', '+0000') : undefined;
}
