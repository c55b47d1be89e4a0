const backslash = 0x5c;
const colon = 0x3a;

/** The index of the quote that ends the string which begins at `start`. The text is valid JSON. */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); ; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (text.charCodeAt(at - 1 - slashes) === backslash) slashes += 1;
    if (slashes % 2 === 0) return at;
  }
}

/** The index of the first character at or after `at` that is no white space. */
function skipSpace(text: string, at: number): number {
  let index = at;
  while (text.charCodeAt(index) <= 0x20) index += 1;
  return index;
}

/** How many keys a valid JSON text writes down: more than its value has when one of them comes twice. */
export function countWrittenKeys(text: string): number {
  let keys = 0;
  for (let at = text.indexOf('"'); at >= 0;) {
    const end = endOfString(text, at);
    if (text.charCodeAt(skipSpace(text, end + 1)) === colon) keys += 1;
    at = text.indexOf('"', end + 1);
  }
  return keys;
}

/** How many keys a JSON value has, at all depths. */
export function countKeys(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + countKeys(item), 0);
  const children = Object.values(value);
  return children.reduce((sum: number, child) => sum + countKeys(child), children.length);
}

/** How many values a JSON value is made of, itself included. */
export function countValues(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce((sum: number, child) => sum + countValues(child), 1);
}

export interface WrittenKey {
  /** `spec.containers[0].name` */
  path: string;
  /** The same object has had it before. */
  repeated: boolean;
}

interface Frame {
  path: string;
  /** Of the next item; undefined in an object. */
  index: number | undefined;
  keys: Set<string>;
  /** Of the value that comes. */
  key: string;
}

function childPath({ path, index, key }: Frame): string {
  if (index !== undefined) return `${path}[${index}]`;
  return path === '' ? key : `${path}.${key}`;
}

/** Every key of a valid JSON text with its path, as written. Slow: for texts of which {@link countWrittenKeys} says that it pays. */
export function* writtenKeys(text: string): Generator<WrittenKey> {
  const frames: Frame[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const frame = frames.at(-1);
    const char = text[at];
    if (char === '{' || char === '[') frames.push({ path: frame ? childPath(frame) : '', index: char === '[' ? 0 : undefined, keys: new Set(), key: '' });
    else if (char === '}' || char === ']') frames.pop();
    else if (char === ',' && frame?.index !== undefined) frame.index += 1;
    else if (char === '"') {
      const end = endOfString(text, at);
      if (frame && text.charCodeAt(skipSpace(text, end + 1)) === colon) {
        frame.key = JSON.parse(text.slice(at, end + 1)) as string;
        yield { path: childPath(frame), repeated: frame.keys.has(frame.key) };
        frame.keys.add(frame.key);
      }
      at = end;
    }
  }
}
