import { isLabelValue, isQualifiedName } from './names.ts';
import { SelectorError } from './selector-error.ts';

export type LabelOperator = 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';

/** `=`, `==` and `!=` are In and NotIn with one value. */
export interface LabelRequirement {
  key: string;
  operator: LabelOperator;
  values: readonly string[];
}

/** A parsed label selector; without requirements it matches everything. */
export interface LabelMatcher {
  readonly requirements: readonly LabelRequirement[];
  matches(labels: Record<string, string> | undefined): boolean;
  /** The text form, which parses to the same matcher. */
  toString(): string;
}

type Labels = Record<string, string>;

function valueOf(labels: Labels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}

function satisfies({ key, operator, values }: LabelRequirement, labels: Labels): boolean {
  const value = valueOf(labels, key);
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
    case 'Lt':
      return comparesAs(operator, value, values[0]);
  }
}

function comparesAs(operator: 'Gt' | 'Lt', value: string | undefined, bound: string | undefined): boolean {
  const [left, right] = [toInteger(value), toInteger(bound)];
  if (left === undefined || right === undefined) return false;
  return operator === 'Gt' ? left > right : left < right;
}

function toInteger(text: string | undefined): bigint | undefined {
  return text !== undefined && /^[+-]?\d{1,19}$/.test(text) ? BigInt(text.replace(/^\+/, '')) : undefined;
}

function formatRequirement({ key, operator, values }: LabelRequirement): string {
  switch (operator) {
    case 'Exists':
      return key;
    case 'DoesNotExist':
      return `!${key}`;
    case 'Gt':
      return `${key}>${values[0]}`;
    case 'Lt':
      return `${key}<${values[0]}`;
    case 'In':
      return values.length === 1 ? `${key}=${values[0]}` : `${key} in (${values.join(',')})`;
    case 'NotIn':
      return values.length === 1 ? `${key}!=${values[0]}` : `${key} notin (${values.join(',')})`;
  }
}

export function newLabelMatcher(requirements: readonly LabelRequirement[]): LabelMatcher {
  return {
    requirements,
    matches: (labels = {}) => requirements.every((requirement) => satisfies(requirement, labels)),
    toString: () => requirements.map(formatRequirement).join(','),
  };
}

export const everyLabel: LabelMatcher = newLabelMatcher([]);

/**
 * `a=b,c!=d,e in (f,g),h notin (i),j,!k,l>1`. '' matches everything.
 * Throws {@link SelectorError}.
 */
export function parseLabelSelector(text: string): LabelMatcher {
  const tokens = tokenize(text);
  const requirements: LabelRequirement[] = [];
  if (tokens.peek() === undefined) return everyLabel;
  for (;;) {
    requirements.push(checked(parseRequirement(tokens)));
    const separator = tokens.next();
    if (separator === undefined) return newLabelMatcher(requirements);
    if (separator !== ',') throw unexpected(separator, "',' or 'end of string'");
    if (tokens.peek() === undefined) throw unexpected('', "identifier after ','");
  }
}

interface Tokens {
  peek(): string | undefined;
  next(): string | undefined;
}

function tokenize(text: string): Tokens {
  const tokens = text.match(/==|!=|[=!(),<>]|[^\s=!(),<>]+/g) ?? [];
  let at = 0;
  return { peek: () => tokens[at], next: () => tokens[at++] };
}

const isWord = (token: string | undefined): token is string => token !== undefined && !/^(==|!=|[=!(),<>])$/.test(token);

function unexpected(found: string | undefined, expected: string): SelectorError {
  return new SelectorError(`unable to parse requirement: found '${found ?? ''}', expected: ${expected}`);
}

function parseRequirement(tokens: Tokens): LabelRequirement {
  const first = tokens.next();
  if (first === '!') return { key: wordFrom(tokens, 'identifier'), operator: 'DoesNotExist', values: [] };
  if (!isWord(first)) throw unexpected(first, '!, identifier, or \'end of string\'');
  const next = tokens.peek();
  if (next === undefined || next === ',') return { key: first, operator: 'Exists', values: [] };
  tokens.next();
  return parseComparison(first, next, tokens);
}

function parseComparison(key: string, operator: string, tokens: Tokens): LabelRequirement {
  switch (operator) {
    case '=':
    case '==':
      return { key, operator: 'In', values: [optionalWord(tokens)] };
    case '!=':
      return { key, operator: 'NotIn', values: [optionalWord(tokens)] };
    case '>':
    case '<':
      return { key, operator: operator === '>' ? 'Gt' : 'Lt', values: [wordFrom(tokens, 'identifier')] };
    case 'in':
    case 'notin':
      return { key, operator: operator === 'in' ? 'In' : 'NotIn', values: parseValues(tokens) };
    default:
      throw unexpected(operator, "in, notin, =, ==, !=, gt, lt");
  }
}

function wordFrom(tokens: Tokens, expected: string): string {
  const token = tokens.next();
  if (!isWord(token)) throw unexpected(token, expected);
  return token;
}

function optionalWord(tokens: Tokens): string {
  return isWord(tokens.peek()) ? wordFrom(tokens, 'identifier') : '';
}

function parseValues(tokens: Tokens): string[] {
  const open = tokens.next();
  if (open !== '(') throw unexpected(open, "'('");
  const values = new Set<string>();
  for (;;) {
    values.add(optionalWord(tokens));
    const token = tokens.next();
    if (token === ')') return [...values].toSorted();
    if (token !== ',') throw unexpected(token, "',' or ')'");
  }
}

function checked(requirement: LabelRequirement): LabelRequirement {
  const { key, operator, values } = requirement;
  const reasons = isQualifiedName(key).map((reason) => `key: Invalid value: "${key}": ${reason}`);
  if ((operator === 'Gt' || operator === 'Lt') && toInteger(values[0]) === undefined) {
    reasons.push(`values[0]: Invalid value: "${values[0]}": for 'Gt', 'Lt' operators, the value must be an integer`);
  }
  values.forEach((value, index) => {
    reasons.push(...isLabelValue(value).map((reason) => `values[${index}][${key}]: Invalid value: "${value}": ${reason}`));
  });
  if (reasons.length > 0) throw new SelectorError(`unable to parse requirement: ${reasons.join(', ')}`);
  return requirement;
}
