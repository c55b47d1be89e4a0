import type { Request } from 'express';
import { parseDocument } from 'yaml';
import { newBadRequest, newUnsupportedMediaType } from '@podling/shared/api';
import { checkNesting } from '@podling/shared/scheme';

const maxAliases = 100;

/** Before anything recurses into it. */
function shallow(value: unknown): unknown {
  checkNesting(value);
  return value;
}

export function parseJson(bytes: Buffer): unknown {
  try {
    return shallow(JSON.parse(bytes.toString('utf8')));
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
    return shallow(document.toJS({ maxAliasCount: maxAliases }));
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
    'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml',
  );
}
