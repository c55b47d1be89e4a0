import type { Request } from 'express';
import { ApiStatusError, newBadRequest, newRequestTooLarge, newUnsupportedMediaType } from '@podling/shared/api';
import { checkNesting } from '@podling/shared/scheme';
import { parseYaml } from '@podling/shared/yaml';
import { countKeys, countValues, countWrittenKeys, writtenKeys } from './json-keys.ts';
import { decodeProtobuf, protobufMediaType } from './protobuf/decode-envelope.ts';
import { ProtobufError } from './protobuf/wire-reader.ts';

/** What is wrong with a body that can be decoded all the same. */
export interface StrictErrors {
  /** One by one, for `Warning` headers. */
  each: string[];
  /** All of them, for a refusal. */
  summary: string;
}

export interface ParsedBody {
  value: unknown;
  /** Keys that come twice, and the fields that turned out unknown, in the order of the text. */
  strictErrors(unknownFields: readonly string[]): StrictErrors;
}

const maxReported = 100;

export const unknownField = (path: string): string => `unknown field ${JSON.stringify(path)}`;

function listed(found: readonly string[]): StrictErrors {
  const each = found.slice(0, maxReported);
  return { each, summary: each.join(', ') };
}

function describeKeys(text: string, unknownFields: readonly string[]): string[] {
  const unknown = new Set(unknownFields);
  const found: string[] = [];
  for (const { path, repeated } of writtenKeys(text)) {
    if (found.length >= maxReported) break;
    if (unknown.delete(path)) found.push(unknownField(path));
    else if (repeated) found.push(`duplicate field ${JSON.stringify(path)}`);
  }
  return [...found, ...[...unknown].map(unknownField)];
}

function reason(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text === 'Unexpected end of JSON input' ? 'unexpected end of JSON input' : text;
}

/** Of a body, at all depths. An object that can be stored has far fewer; checking more holds up everybody else. */
const maxValues = 100_000;

function checkCount(keys: number): void {
  if (keys > maxValues) throw newRequestTooLarge(`Request entity too large: limit is ${maxValues} values`);
}

/** Throws 400, or 413 for more values than any object has. */
function parseJson(bytes: Buffer): unknown {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    checkNesting(value);
    checkCount(countValues(value));
    return value;
  } catch (cause) {
    if (cause instanceof ApiStatusError) throw cause;
    throw newBadRequest(`couldn't get version/kind; json parse error: ${reason(cause)}`, { cause });
  }
}

export function jsonBody(bytes: Buffer): ParsedBody {
  const value = parseJson(bytes);
  return {
    value,
    strictErrors(unknownFields) {
      const text = bytes.toString('utf8');
      return countWrittenKeys(text) === countKeys(value) ? listed(unknownFields.map(unknownField)) : listed(describeKeys(text, unknownFields));
    },
  };
}

/** JSON is YAML too, and much quicker to read as what it is. Throws 400. */
export function yamlBody(bytes: Buffer): ParsedBody {
  if (bytes[0] === '{'.charCodeAt(0)) {
    try {
      return jsonBody(bytes);
    } catch { /* a flow mapping that is no JSON */ }
  }
  const { value, repeated } = parseYaml(bytes);
  return {
    value,
    strictErrors(unknownFields) {
      const unknown = unknownFields.map(unknownField).slice(0, maxReported);
      const all = repeated.length === 0 ? [] : [`yaml: unmarshal errors:\n  ${repeated.slice(0, maxReported).join('\n  ')}`];
      return { each: [...repeated, ...unknown], summary: [...all, ...unknown].join(', ') };
    },
  };
}

function protobufBody(bytes: Buffer): ParsedBody {
  try {
    const value = decodeProtobuf(bytes);
    checkCount(countValues(value));
    return { value, strictErrors: (unknownFields) => listed(unknownFields.map(unknownField)) };
  } catch (cause) {
    throw cause instanceof ProtobufError ? newBadRequest(cause.message, { cause }) : cause;
  }
}

export function contentTypeOf(request: Request): string {
  const [type = ''] = String(request.headers['content-type'] ?? '').split(';', 1);
  return type.trim().toLowerCase();
}

export function bodyBytes(request: Request): Buffer {
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
}

/** Throws 400 when the bytes cannot be parsed, 415 for a type that is not served. */
export function readBody(request: Request): ParsedBody {
  const bytes = bodyBytes(request);
  switch (contentTypeOf(request)) {
    case '':
    case 'application/json':
      return jsonBody(bytes);
    case 'application/yaml':
      return yamlBody(bytes);
    case protobufMediaType:
      return protobufBody(bytes);
    default:
      throw newUnsupportedMediaType(
        `the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, ${protobufMediaType}`,
      );
  }
}
