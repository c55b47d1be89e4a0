import { loadMessage } from './services.ts';
import type { MessageField } from './services.ts';

export interface MessageFile {
  /** As `Sent` of the message. */
  message: object;
  /** Paths of what CRI does not have: `linux.sysctl`. */
  unknown: string[];
}

/** A field of a file that cannot be what CRI has there. */
export class MessageFileError extends Error {
  override readonly name = 'MessageFileError';
}

const numeric = new Set(['TYPE_INT32', 'TYPE_INT64', 'TYPE_UINT32', 'TYPE_UINT64']);

/**
 * A message of CRI as people write it in JSON or YAML: fields in snake_case or camelCase, enums by name or by number. `name` is
 * CRI's: `PodSandboxConfig`. Fails with {@link MessageFileError}.
 */
export function readMessageFile(name: string, document: unknown): MessageFile {
  const unknown: string[] = [];
  return { message: message(name, document, '', unknown), unknown };
}

function message(name: string, document: unknown, path: string, unknown: string[]): object {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) throw new MessageFileError(`${path || 'the file'}: an object is wanted`);
  const fields = new Map(loadMessage(name).map((field) => [field.name, field]));
  const result: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(document)) {
    const place = path === '' ? key : `${path}.${key}`;
    const field = fields.get(camelCase(key));
    if (field === undefined) unknown.push(place);
    else if (inner !== null) result[field.name] = value(field, inner, place, unknown);
  }
  return result;
}

function value(field: MessageField, document: unknown, path: string, unknown: string[]): unknown {
  if (field.map) return entries(field, document, path);
  if (!field.repeated) return single(field, document, path, unknown);
  if (!Array.isArray(document)) throw new MessageFileError(`${path}: a list is wanted`);
  return document.map((inner, index) => single(field, inner, `${path}[${index}]`, unknown));
}

/** All maps of CRI are of texts. */
function entries(field: MessageField, document: unknown, path: string): Record<string, unknown> {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) throw new MessageFileError(`${path}: an object is wanted`);
  return Object.fromEntries(Object.entries(document).map(([key, inner]) => [key, single({ ...field, map: false, type: 'TYPE_STRING' }, inner, `${path}.${key}`, [])]));
}

function single({ type, message: name, values }: MessageField, document: unknown, path: string, unknown: string[]): unknown {
  if (type === 'TYPE_MESSAGE') return message(name, document, path, unknown);
  if (type === 'TYPE_ENUM') return enumValue(values, document, path);
  if (type === 'TYPE_BOOL') return checked(typeof document === 'boolean', document, path, 'true or false is wanted');
  if (numeric.has(type)) return checked(isWhole(document), String(document), path, 'a whole number is wanted');
  return checked(typeof document === 'string', document, path, 'text is wanted');
}

function isWhole(document: unknown): boolean {
  return typeof document === 'string' ? /^-?\d+$/.test(document) : Number.isSafeInteger(document);
}

function enumValue(values: ReadonlyMap<string, number>, document: unknown, path: string): unknown {
  const known = typeof document === 'number' ? [...values.values()].includes(document) : typeof document === 'string' && values.has(document);
  return checked(known, document, path, `one of ${[...values].map(([text, number]) => `${text} (${number})`).join(', ')} is wanted`);
}

function checked(isRight: boolean, document: unknown, path: string, wanted: string): unknown {
  if (!isRight) throw new MessageFileError(`${path}: ${wanted}`);
  return document;
}

function camelCase(key: string): string {
  return key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
