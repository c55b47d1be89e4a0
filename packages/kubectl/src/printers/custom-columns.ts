import { readFile } from 'node:fs/promises';
import { fileProblem } from '@podling/shared/file-problem';
import { sanitizeCell } from '@podling/shared/sanitize';
import { CommandError } from '../errors.ts';
import { find } from '../json-path/evaluate.ts';
import { parsePath } from '../json-path/parse.ts';
import type { Step } from '../json-path/syntax.ts';
import type { AnyObject } from '../resource/object.ts';
import { ColumnPrinter } from './columns.ts';
import type { Formatter } from './formatter.ts';

interface Column {
  header: string;
  path: Step[];
}

function toColumn(header: string, path: string): Column {
  try {
    return { header, path: parsePath(path) };
  } catch (error) {
    throw new CommandError((error as Error).message, { cause: error });
  }
}

/** `NAME:.metadata.name,NODE:.spec.nodeName` */
function parseSpec(spec: string): Column[] {
  if (spec === '') throw new CommandError('custom-columns format specified but no custom columns given');
  return spec.split(',').map((part) => {
    const colon = part.indexOf(':');
    if (colon < 0) throw new CommandError(`unexpected custom-columns spec: ${part}, expected <header>:<json-path-expr>`);
    return toColumn(part.slice(0, colon), part.slice(colon + 1));
  });
}

const FORMAT = 'Expected format is one line of space separated headers, one line of space separated column specs.';

/** A line of headers above a line of paths. */
function parseFile(text: string): Column[] {
  const [headerLine, pathLine] = text.split(/\r?\n/);
  if (headerLine === undefined || headerLine.trim() === '') throw new CommandError(`invalid template, missing header line. ${FORMAT}`);
  if (pathLine === undefined || pathLine.trim() === '') throw new CommandError(`invalid template, missing spec line. ${FORMAT}`);
  const [headers, paths] = [headerLine, pathLine].map((line) => line.trim().split(/\s+/)) as [string[], string[]];
  if (headers.length !== paths.length) throw new CommandError(`number of headers (${headers.length}) and field specifications (${paths.length}) don't match`);
  return headers.map((header, i) => toColumn(header, paths[i] ?? ''));
}

async function columnsOf(format: string, argument: string): Promise<Column[]> {
  if (format === 'custom-columns' || argument === '') return parseSpec(argument);
  try {
    return parseFile(await readFile(argument, 'utf8'));
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(`error reading template ${argument}, ${fileProblem(error, argument)}`, { cause: error });
  }
}

/** As Go prints a value of no known type: `map[a:b]`, `[a b]`. */
function goText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`;
  if (typeof value !== 'object' || value === null) return value === null ? '<nil>' : String(value as string | number | boolean);
  const pairs = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[${pairs.map(([key, inner]) => `${key}:${goText(inner)}`).join(' ')}]`;
}

function cell(path: readonly Step[], object: AnyObject): string {
  const found = find(path, [object], { allowMissingKeys: true });
  const [first] = found;
  if (found.length === 0 || (found.length === 1 && (first === null || first === undefined))) return '<none>';
  return sanitizeCell(found.map(goText).join(','));
}

/** A row for the object, or for each object of a list, under one header. */
export async function createCustomColumnsFormatter(format: string, argument: string, options: { headers: boolean }): Promise<Formatter> {
  const columns = await columnsOf(format, argument);
  const printer = new ColumnPrinter();
  let begun = !options.headers;
  return async (object) => {
    const header = begun ? [] : [columns.map((column) => column.header)];
    begun = true;
    return printer.print([...header, ...(object.items ?? [object]).map((item) => columns.map(({ path }) => cell(path, item)))]);
  };
}
