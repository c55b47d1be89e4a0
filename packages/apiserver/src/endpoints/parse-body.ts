import type { Request } from 'express';
import { parseDocument } from 'yaml';
import { newBadRequest, newUnsupportedMediaType } from '@podling/shared/api';

const maxDepth = 256;
const maxAliases = 100;

const openers = new Set([0x7b, 0x5b]);
const closers = new Set([0x7d, 0x5d]);
const quote = 0x22;
const backslash = 0x5c;

/** Before parsing, so that no recursion anywhere later can run out of stack. */
function checkDepth(bytes: Uint8Array): void {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (inString) {
      if (byte === backslash) at += 1;
      else if (byte === quote) inString = false;
    } else if (byte === quote) inString = true;
    else if (openers.has(byte)) depth += 1;
    else if (closers.has(byte)) depth -= 1;
    if (depth > maxDepth) throw newBadRequest(`the body is nested deeper than ${maxDepth} levels`);
  }
}

function depthOf(value: unknown, limit: number): number {
  if (limit < 0 || typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).slice(0, 100_000).map((child) => depthOf(child, limit - 1)));
}

export function parseJson(bytes: Buffer): unknown {
  checkDepth(bytes);
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw newBadRequest(`couldn't get version/kind; json parse error: ${why}`, { cause });
  }
}

function parseYaml(bytes: Buffer): unknown {
  try {
    const document = parseDocument(bytes.toString('utf8'), { uniqueKeys: true, schema: 'core' });
    const [first] = document.errors;
    if (first) throw first;
    const value: unknown = document.toJS({ maxAliasCount: maxAliases });
    if (depthOf(value, maxDepth + 1) > maxDepth) throw new Error(`nested deeper than ${maxDepth} levels`);
    return value;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw newBadRequest(`error converting YAML to JSON: ${why}`, { cause });
  }
}

export function contentTypeOf(request: Request): string {
  const [type = ''] = String(request.headers['content-type'] ?? '').split(';', 1);
  return type.trim().toLowerCase();
}

export function bodyBytes(request: Request): Buffer {
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
}

/** The body's JSON value. Throws 400 when it cannot be parsed, 415 for a type that is not served. */
export function parseBody(request: Request): unknown {
  const type = contentTypeOf(request);
  const bytes = bodyBytes(request);
  if (type === '' || type === 'application/json') return parseJson(bytes);
  if (type === 'application/yaml') return parseYaml(bytes);
  throw newUnsupportedMediaType(
    `the body of the request was in an unknown format - accepted media types include: application/json, application/yaml`,
  );
}
