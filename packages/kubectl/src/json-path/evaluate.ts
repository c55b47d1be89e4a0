import { JsonPathError } from './syntax.ts';
import type { Part, Step } from './syntax.ts';

export interface FindOptions {
  /** A field that does not exist gives nothing; else it is an error. */
  allowMissingKeys: boolean;
}

type Slice = Extract<Step, { kind: 'slice' }>;
type Filter = Extract<Step, { kind: 'filter' }>;
type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

function children(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  return isFields(value) ? Object.keys(value).sort().map((key) => value[key]) : [];
}

function typeName(value: unknown): string {
  if (isFields(value)) return 'map[string]interface {}';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

/** The values themselves of those that are compound and every compound value below them. */
function descend(value: unknown): unknown[] {
  const below = children(value);
  return below.length === 0 ? [] : [value, ...below.flatMap(descend)];
}

function checkBounds(start: number, end: number, length: number): void {
  if (start >= length || start < 0) throw new JsonPathError(`array index out of bounds: index ${start}, length ${length}`);
  if (end > length || end < 0) throw new JsonPathError(`array index out of bounds: index ${end - 1}, length ${length}`);
  if (start > end) throw new JsonPathError(`starting index ${start} is greater than ending index ${end}`);
}

function slice(value: unknown, { start = 0, end, step = 1, single }: Slice): unknown[] {
  if (!Array.isArray(value)) throw new JsonPathError(`${typeName(value)} is not array or slice`);
  const { length } = value;
  const from = start < 0 ? start + length : start;
  const wanted = single ? from + 1 : (end ?? length);
  const to = wanted < 0 ? wanted + length : wanted;
  if (from === to) return [];
  checkBounds(from, to, length);
  if (step <= 0) throw new JsonPathError('step must be > 0');
  return value.slice(from, to).filter((_, i) => i % step === 0);
}

function compare(left: unknown, operator: string, right: unknown): boolean {
  if (operator === '==') return left === right;
  if (operator === '!=') return left !== right;
  const comparable = (typeof left === 'number' && typeof right === 'number') || (typeof left === 'string' && typeof right === 'string');
  if (!comparable) throw new JsonPathError('incompatible types for comparison');
  const order = left < right ? -1 : left > right ? 1 : 0;
  if (operator === '<') return order < 0;
  if (operator === '<=') return order <= 0;
  if (operator === '>') return order > 0;
  if (operator === '>=') return order >= 0;
  throw new JsonPathError(`unrecognized filter operator ${operator}`);
}

function passes(item: unknown, { left, operator, right }: Filter, options: FindOptions): boolean {
  const found = find(left, [item], { ...options, allowMissingKeys: true });
  if (operator === 'exists') return found.length > 0;
  if (found.length === 0) return false;
  const wanted = find(right, [item], { ...options, allowMissingKeys: true });
  if (found.length > 1 || wanted.length > 1) throw new JsonPathError('can only compare one element at a time');
  return wanted.length === 1 && compare(found[0], operator, wanted[0]);
}

function filter(value: unknown, step: Filter, options: FindOptions): unknown[] {
  if (!Array.isArray(value)) throw new JsonPathError(`${typeName(value)} is not array or slice and cannot be filtered`);
  return value.filter((item) => passes(item, step, options));
}

function field(values: readonly unknown[], name: string, { allowMissingKeys }: FindOptions): unknown[] {
  if (name === '') return [...values];
  const found = values.flatMap((value) => (isFields(value) && Object.hasOwn(value, name) ? [value[name]] : []));
  if (found.length === 0 && values.length > 0 && !allowMissingKeys) throw new JsonPathError(`${name} is not found`);
  return found;
}

function take(step: Step, values: readonly unknown[], options: FindOptions): unknown[] {
  const present = values.filter((value) => value !== null && value !== undefined);
  switch (step.kind) {
    case 'field':
      return field(values, step.name, options);
    case 'wildcard':
      return present.flatMap(children);
    case 'descent':
      return present.flatMap(descend);
    case 'slice':
      return present.flatMap((value) => slice(value, step));
    case 'union':
      return step.paths.flatMap((path) => find(path, values, options));
    case 'filter':
      return present.flatMap((value) => filter(value, step, options));
    case 'literal':
      return [step.value];
  }
}

/** What the steps lead to from `values`. A descent looks for the field behind it everywhere and misses it nowhere. */
export function find(steps: readonly Step[], values: readonly unknown[], options: FindOptions): unknown[] {
  let found = [...values];
  let below = false;
  for (const step of steps) {
    found = take(step, found, below ? { ...options, allowMissingKeys: true } : options);
    below ||= step.kind === 'descent';
  }
  return found;
}

/** Every value that the template's paths find, in its order. */
export function findAll(parts: readonly Part[], value: unknown, options: FindOptions): unknown[] {
  return parts.flatMap((part) => {
    if (part.kind === 'text') return [part.text];
    const found = find(part.steps, [value], options);
    return part.kind === 'path' ? found : found.flatMap((item) => findAll(part.body, item, options));
  });
}
