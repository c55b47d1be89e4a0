type Fields = Record<string, unknown>;

interface Line {
  /** Columns before the key. */
  indent: number;
  /** Columns before the dash of a new list item; undefined when the line begins none. */
  dash: number | undefined;
  key: string;
  /** Undefined when the value is on the lines below. */
  value: unknown;
}

const LINE = /^( *)((?:- +)?)([A-Za-z][A-Za-z0-9-]*):(?: +(.+))?$/;
/** Words that no reader of YAML takes for anything but text; there are no spaces in them. */
const TEXT = /^[A-Za-z/][A-Za-z0-9+/=._@-]*(?::[A-Za-z0-9+/=._@-]+)*$/;
const RESERVED = new Set(['null', 'true', 'false', 'yes', 'no', 'on', 'off', 'y', 'n']);
const BOOLEANS: Readonly<Record<string, boolean>> = { true: true, false: false };

/** Thrown and caught here: the text is for a whole parser. */
class NotPlain extends Error {}

function scalar(text: string): unknown {
  if (Object.hasOwn(BOOLEANS, text)) return BOOLEANS[text];
  if (text === '{}') return {};
  if (text === '[]') return [];
  if (/^"[ !#-[\]-~]*"$/.test(text)) return text.slice(1, -1);
  if (TEXT.test(text) && !RESERVED.has(text.toLowerCase())) return text;
  throw new NotPlain();
}

function readLine(text: string): Line {
  const [, spaces = '', dash = '', key = '', value] = LINE.exec(text) ?? [];
  if (key === '' || RESERVED.has(key.toLowerCase())) throw new NotPlain();
  const indent = spaces.length + dash.length;
  return { indent, dash: dash === '' ? undefined : spaces.length, key, value: value === undefined ? undefined : scalar(value) };
}

/** Reads lines from top to bottom. */
class Reader {
  readonly #lines: Line[];
  #next = 0;

  constructor(lines: Line[]) {
    this.#lines = lines;
  }

  get done(): boolean {
    return this.#next === this.#lines.length;
  }

  /** The keys at this indentation, the first of which may stand behind a dash. */
  mapping(indent: number): Fields {
    const fields: Fields = {};
    for (let first = true; ; first = false) {
      const line = this.#lines[this.#next];
      if (line === undefined || line.indent < indent || (!first && line.dash !== undefined && line.dash < indent)) return fields;
      if (line.indent !== indent || Object.hasOwn(fields, line.key) || (!first && line.dash !== undefined)) throw new NotPlain();
      this.#next += 1;
      fields[line.key] = line.value === undefined ? this.#below(indent) : line.value;
    }
  }

  #below(indent: number): unknown {
    const line = this.#lines[this.#next];
    if (line === undefined) return null;
    if (line.dash !== undefined && line.dash >= indent) return this.#list(line.dash);
    if (line.dash === undefined && line.indent > indent) return this.mapping(line.indent);
    return null;
  }

  #list(dash: number): Fields[] {
    const items: Fields[] = [];
    for (let line = this.#lines[this.#next]; line?.dash === dash; line = this.#lines[this.#next]) items.push(this.mapping(line.indent));
    return items;
  }
}

/**
 * Reads the YAML that kubeconfigs are written in: mappings and lists in block form, words and simple quoted strings.
 * Undefined for any other, which is for a whole parser: that one takes longer to load than all the rest of kubectl.
 */
export function parsePlainYaml(text: string): Fields | undefined {
  try {
    const lines = text.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#'));
    const reader = new Reader(lines.map(readLine));
    const [first] = lines;
    if (first === undefined || /^[ -]/.test(first)) return undefined;
    const fields = reader.mapping(0);
    return reader.done ? fields : undefined;
  } catch (error) {
    if (error instanceof NotPlain) return undefined;
    throw error;
  }
}
