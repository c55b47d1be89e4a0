import { JsonPathError } from './syntax.ts';
import type { Part, Step } from './syntax.ts';

const FIELD_END = new Set([' ', '\t', '\r', '\n', '.', ',', '[', ']', '$', '@', '{', '}']);
const ESCAPES: Record<string, string> = { n: '\n', t: '\t', r: '\r', '0': '\0' };
const MAX_NESTING = 32;

/** Reads one text from left to right. */
class Scanner {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get done(): boolean {
    return this.#position >= this.#text.length;
  }

  get next(): string {
    return this.#text[this.#position] ?? '';
  }

  take(prefix: string): boolean {
    if (!this.#text.startsWith(prefix, this.#position)) return false;
    this.#position += prefix.length;
    return true;
  }

  /** What `pattern` (sticky) matches here. */
  match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#position;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#position += found.length;
    return found;
  }

  /** Up to `end`, which is passed over. */
  until(end: string): string | undefined {
    const index = this.#text.indexOf(end, this.#position);
    if (index < 0) return undefined;
    const found = this.#text.slice(this.#position, index);
    this.#position = index + end.length;
    return found;
  }

  /** A field's name, whose special characters are escaped with `\`. */
  name(): string {
    let name = '';
    for (; !this.done && !FIELD_END.has(this.next); this.#position += 1) {
      if (this.next === '\\') this.#position += 1;
      name += this.next;
    }
    return name;
  }

  /** A string whose opening quote has been read. */
  quoted(quote: string): string {
    let text = '';
    for (; !this.done && this.next !== '\n'; this.#position += 1) {
      if (this.take(quote)) return text;
      if (this.take('\\')) text += ESCAPES[this.next] ?? this.next;
      else text += this.next;
    }
    throw new JsonPathError('unterminated quoted string');
  }

  /** The inside of `[?( … )]`; brackets inside quotes do not end it. */
  filter(): string {
    const inside = this.match(/(?:[^'")\n]|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")*/y) ?? '';
    if (!this.take(')')) throw new JsonPathError('unterminated filter');
    if (!this.take(']')) throw new JsonPathError('unclosed array expect ]');
    return inside;
  }
}

function sliceStep(text: string): Step {
  const [, first, second, third] = /^(-?\d*)(:-?\d*)?(:-?\d*)?$/.exec(text) ?? [];
  if (first === undefined) throw new JsonPathError(`invalid array index ${text}`);
  const number = (part: string | undefined): number | undefined => {
    const digits = (part ?? '').replace(':', '');
    return digits === '' ? undefined : Number(digits);
  };
  if (second === undefined && first === '') throw new JsonPathError(`invalid array index ${text}`);
  return { kind: 'slice', start: number(first), end: number(second), step: number(third), single: second === undefined };
}

function bracketSteps(text: string, depth: number): Step[] {
  const words = text.split(',');
  if (words.length > 1) return [{ kind: 'union', paths: words.map((word) => bracketSteps(word.trim(), depth)) }];
  if (text === '*') return [sliceStep(':')];
  const key = /^'([^']*)'$/.exec(text)?.[1] ?? /^"([^"]*)"$/.exec(text)?.[1];
  return key === undefined ? [sliceStep(text)] : parseSteps(new Scanner(`.${key}`), depth + 1);
}

function filterStep(text: string, depth: number): Step {
  const [, left, operator = 'exists', right] = /^([^!<>=]+)([!<>=]+)(.+)$/.exec(text) ?? [];
  return {
    kind: 'filter',
    operator,
    left: parseSteps(new Scanner(left ?? text), depth + 1),
    right: right === undefined ? [] : parseSteps(new Scanner(right), depth + 1),
  };
}

function wordStep(scanner: Scanner): Step {
  const number = scanner.match(/[-+]?\d[\d.]*/y);
  if (number !== undefined) {
    if (Number.isNaN(Number(number))) throw new JsonPathError(`cannot parse number ${number}`);
    return { kind: 'literal', value: Number(number) };
  }
  const word = scanner.match(/[\p{L}_][\p{L}\p{N}_]*/uy);
  if (word === 'true' || word === 'false') return { kind: 'literal', value: word === 'true' };
  if (word !== undefined) throw new JsonPathError(`unrecognized identifier ${word}`);
  throw new JsonPathError(`unrecognized character in action: ${JSON.stringify(scanner.next)}`);
}

function fieldStep(scanner: Scanner): Step {
  const name = scanner.name();
  return name === '*' ? { kind: 'wildcard' } : { kind: 'field', name };
}

function descentSteps(scanner: Scanner, steps: readonly Step[]): Step[] {
  if (steps.at(-1)?.kind === 'descent') throw new JsonPathError('invalid multiple recursive descent');
  return /[\p{L}\p{N}_*]/u.test(scanner.next) ? [{ kind: 'descent' }, fieldStep(scanner)] : [{ kind: 'descent' }];
}

function nextSteps(scanner: Scanner, steps: readonly Step[], depth: number): Step[] {
  if (scanner.take(' ') || scanner.take('@') || scanner.take('$')) return [];
  if (scanner.take('..')) return descentSteps(scanner, steps);
  if (scanner.take('.')) return [fieldStep(scanner)];
  if (scanner.take('[?(')) return [filterStep(scanner.filter(), depth)];
  if (scanner.take('[')) {
    const inside = scanner.until(']');
    if (inside === undefined) throw new JsonPathError('unterminated array');
    return bracketSteps(inside, depth);
  }
  for (const quote of ['"', "'"]) if (scanner.take(quote)) return [{ kind: 'literal', value: scanner.quoted(quote) }];
  return [wordStep(scanner)];
}

/** The steps up to the end of the action, or of the text. */
function parseSteps(scanner: Scanner, depth = 0): Step[] {
  if (depth > MAX_NESTING) throw new JsonPathError(`nested more than ${MAX_NESTING} deep`);
  const steps: Step[] = [];
  while (!scanner.done && scanner.next !== '}') steps.push(...nextSteps(scanner, steps, depth));
  return steps;
}

const RANGE = / *range(?![\p{L}\p{N}_])/uy;
const END = / *end *(?=\})/y;

function closeAction(scanner: Scanner): void {
  if (!scanner.take('}')) throw new JsonPathError('unclosed action');
}

function parseRange(scanner: Scanner, depth: number): Part {
  const steps = parseSteps(scanner);
  closeAction(scanner);
  return { kind: 'range', steps, body: parseParts(scanner, depth + 1) };
}

/** The parts up to the end of the template, or up to the `{end}` of the range they are the body of. */
function parseParts(scanner: Scanner, depth: number): Part[] {
  if (depth > MAX_NESTING) throw new JsonPathError(`nested more than ${MAX_NESTING} deep`);
  const parts: Part[] = [];
  while (!scanner.done) {
    const text = scanner.match(/[^{]+/y);
    if (text !== undefined) {
      parts.push({ kind: 'text', text });
      continue;
    }
    scanner.take('{');
    if (scanner.match(END) !== undefined) {
      closeAction(scanner);
      if (depth === 0) throw new JsonPathError('not in range, nothing to end');
      return parts;
    }
    if (scanner.match(RANGE) !== undefined) {
      parts.push(parseRange(scanner, depth));
      continue;
    }
    parts.push({ kind: 'path', steps: parseSteps(scanner) });
    closeAction(scanner);
  }
  if (depth > 0) throw new JsonPathError('range without end');
  return parts;
}

/** Reads `{.items[*].metadata.name}`, text around it, `{range …}…{end}`. Throws `JsonPathError`. */
export function parseTemplate(template: string): Part[] {
  return parseParts(new Scanner(template), 0);
}

/**
 * Reads the single path of a flag, which may leave braces and the first dot out: `{.a.b}`, `.a.b`, `a.b`.
 * Throws `JsonPathError`.
 */
export function parsePath(text: string): Step[] {
  if (text === '') return [];
  const [, inside] = /^\{\.?([^{}]+)\}$/.exec(text) ?? /^\.?([^{}]+)$/.exec(text) ?? [];
  if (inside === undefined) throw new JsonPathError("unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'");
  return parseSteps(new Scanner(/^[[@$]/.test(inside) ? inside : `.${inside}`));
}
