import { isTable } from './config-file.ts';
import type { ConfigFile } from './config-file.ts';
import { configShape } from './config-shape.ts';
import type { Scalar, Shape, TableShape } from './config-shape.ts';
import { error, warning } from './finding.ts';
import type { Finding } from './finding.ts';
import { nearest } from './nearest.ts';

/** Values of a wrong type, at which containerd does not start, and keys that it does not know. */
export function* checkShape(file: ConfigFile): Iterable<Finding> {
  yield* checkValue([], file.at(), configShape(file));
}

function* checkValue(path: readonly string[], value: unknown, shape: Shape): Iterable<Finding> {
  if (typeof shape === 'function') return void (yield* checkValue(path, value, isTable(value) ? shape(value) : { keys: {} }));
  if (typeof shape === 'string') {
    if (!fits[shape](value)) yield wrongType(path, value, shape);
  } else if (isTable(value)) {
    for (const [key, below] of Object.entries(value)) {
      const known = Object.hasOwn(shape.keys, key) ? shape.keys[key] : shape.rest;
      yield* known === undefined ? [unknownKey(path, key, shape)] : checkValue([...path, key], below, known);
    }
  } else {
    yield wrongType(path, value, 'table');
  }
}

/** Integers are read as bigint, so that `1.0` is none. */
const fits: Record<Scalar, (value: unknown) => boolean> = {
  string: (value) => typeof value === 'string',
  integer: (value) => typeof value === 'bigint',
  boolean: (value) => typeof value === 'boolean',
  strings: (value) => Array.isArray(value) && value.every((each) => typeof each === 'string'),
  anything: () => true,
};

const wanted: Record<Scalar | 'table', { what: string; fix: string }> = {
  string: { what: 'a string', fix: 'write it in double quotes: "…"' },
  integer: { what: 'an integer', fix: 'write a whole number, without quotes' },
  boolean: { what: 'true or false', fix: 'write true or false, without quotes' },
  strings: { what: 'a list of strings', fix: 'write a list, also of one: ["…"]' },
  table: { what: 'a table', fix: 'write a table of that name in [brackets], and its keys below it' },
  anything: { what: 'anything', fix: '' },
};

/** The value itself is not told: it may be a password. */
function wrongType(path: readonly string[], value: unknown, shape: Scalar | 'table'): Finding {
  const { what, fix } = wanted[shape];
  const end = path.includes('options') ? 'no pod starts' : 'containerd does not start';
  return error(path, `this is ${kindOf(value)}, ${what} is wanted, and ${end}`, fix);
}

function kindOf(value: unknown): string {
  if (typeof value === 'string') return 'a string';
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'bigint') return 'an integer';
  if (typeof value === 'number') return 'a number with a fraction';
  if (Array.isArray(value)) return 'a list';
  return isTable(value) ? 'a table' : 'a date';
}

function unknownKey(path: readonly string[], key: string, { keys }: TableShape): Finding {
  const near = nearest(key, Object.keys(keys));
  return warning([...path, key], 'containerd knows no such key here and does not read it', near === undefined ? 'take it out, or write it in the table that it belongs to' : `write ${near}, if that is meant, or take it out`);
}
