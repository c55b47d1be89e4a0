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
  if (!startsRequirement(tokens)) throw unexpected(tokens.peek(), "!, identifier, or 'end of string'");
  for (;;) {
    requirements.push(requirementFrom(tokens));
    const separator = tokens.next();
    if (separator === undefined) return newLabelMatcher(requirements);
    if (separator !== ',') throw unexpected(separator, "',' or 'end of string'");
    if (!startsRequirement(tokens)) throw unexpected(tokens.peek(), "identifier after ','");
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

function startsRequirement(tokens: Tokens): boolean {
  return tokens.peek() === '!' || isWord(tokens.peek());
}

function unexpected(found: string | undefined, expected: string): SelectorError {
  return new SelectorError(`found '${found ?? ''}', expected: ${expected}`);
}

function requirementFrom(tokens: Tokens): LabelRequirement {
  try {
    return checked(parseRequirement(tokens));
  } catch (cause) {
    throw cause instanceof SelectorError ? new SelectorError(`unable to parse requirement: ${cause.message}`, { cause }) : cause;
  }
}

function parseRequirement(tokens: Tokens): LabelRequirement {
  const isNegated = tokens.peek() === '!';
  if (isNegated) tokens.next();
  const key = wordFrom(tokens);
  const reasons = isQualifiedName(key);
  if (reasons.length > 0) throw new SelectorError(`<nil>: Invalid value: ${JSON.stringify(key)}: ${reasons.join('; ')}`);
  const next = tokens.peek();
  if (isNegated) return { key, operator: 'DoesNotExist', values: [] };
  if (next === undefined || next === ',') return { key, operator: 'Exists', values: [] };
  tokens.next();
  return parseComparison(key, next, tokens);
}

function parseComparison(key: string, operator: string, tokens: Tokens): LabelRequirement {
  switch (operator) {
    case '=':
    case '==':
      return { key, operator: 'In', values: [exactValue(tokens)] };
    case '!=':
      return { key, operator: 'NotIn', values: [exactValue(tokens)] };
    case '>':
    case '<':
      return { key, operator: operator === '>' ? 'Gt' : 'Lt', values: [exactValue(tokens)] };
    case 'in':
    case 'notin':
      return { key, operator: operator === 'in' ? 'In' : 'NotIn', values: parseValues(tokens) };
    default:
      throw unexpected(operator, "in, notin, =, ==, !=, gt, lt");
  }
}

function wordFrom(tokens: Tokens): string {
  const token = tokens.next();
  if (!isWord(token)) throw unexpected(token, 'identifier');
  return token;
}

function exactValue(tokens: Tokens): string {
  const next = tokens.peek();
  return next === undefined || next === ',' ? '' : wordFrom(tokens);
}

function listedValue(tokens: Tokens, expected: string): string {
  const next = tokens.peek();
  if (next === ',' || next === ')') return '';
  if (!isWord(next)) throw unexpected(next, expected);
  return wordFrom(tokens);
}

function parseValues(tokens: Tokens): string[] {
  const open = tokens.next();
  if (open !== '(') throw new SelectorError(`found '${open ?? ''}' expected: '('`);
  const values = new Set<string>();
  for (let expected = "',', ')' or identifier"; ; expected = "',', or identifier") {
    values.add(listedValue(tokens, expected));
    const token = tokens.next();
    if (token === ')') return [...values].toSorted();
    if (token !== ',') throw unexpected(token, "',' or ')'");
  }
}

function checked(requirement: LabelRequirement): LabelRequirement {
  const { key, operator, values } = requirement;
  const reasons: string[] = [];
  if ((operator === 'Gt' || operator === 'Lt') && toInteger(values[0]) === undefined) {
    reasons.push(`values[0]: Invalid value: "${values[0]}": for 'Gt', 'Lt' operators, the value must be an integer`);
  }
  values.forEach((value, index) => {
    reasons.push(...isLabelValue(value).map((reason) => `values[${index}][${key}]: Invalid value: "${value}": ${reason}`));
  });
  if (reasons.length > 0) throw new SelectorError(reasons.join(', '));
  return requirement;
}
