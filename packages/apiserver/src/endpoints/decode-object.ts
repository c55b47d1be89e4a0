import type { Request, Response } from 'express';
import { ApiStatusError, newBadRequest } from '@podling/shared/api';
import type { KubeObject } from '@podling/shared/api';
import { apiVersionOf, kindFor } from '@podling/shared/scheme';
import type { Decoded, KindInfo } from '@podling/shared/scheme';
import type { FieldValidation } from './options.ts';
import { bodyBytes, readBody, unknownField } from './parse-body.ts';
import type { ParsedBody, StrictErrors } from './parse-body.ts';
import { addWarning } from './warnings.ts';

export interface DecodeTarget<T extends KubeObject> {
  info: KindInfo<T>;
  fieldValidation: FieldValidation;
  /** Takes the warnings. */
  response: Response;
}

const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

type Type = Pick<KindInfo, 'group' | 'version' | 'kind'>;

function wrongType(value: { apiVersion: unknown; kind: unknown }, { group, kind }: Type): Error {
  const apiVersion = shown(value.apiVersion);
  const sent = shown(value.kind);
  const [sentVersion] = apiVersion.split('/').toReversed();
  const why = kindFor(apiVersion, sent)
    ? `converting (${sentVersion}.${sent}) to (${group.split('.', 1)[0] || 'core'}.${kind}): unknown conversion`
    : `no kind ${JSON.stringify(sent)} is registered for version ${JSON.stringify(apiVersion)}`;
  return newBadRequest(`${sent} in version ${JSON.stringify(sentVersion)} cannot be handled as a ${kind}: ${why}`);
}

/** Fills in what the path says already; refuses a body of another kind. */
function withType(value: object | null, info: Type): Record<string, unknown> {
  const object = (value ?? {}) as Record<string, unknown>;
  const expected = apiVersionOf(info);
  const apiVersion = object['apiVersion'] || expected;
  const kind = object['kind'] || info.kind;
  if (apiVersion !== expected || kind !== info.kind) throw wrongType({ apiVersion, kind }, info);
  return { ...object, apiVersion, kind };
}

/** Without defaults. Throws 400. */
export function decodeValue<T extends KubeObject>(value: unknown, info: KindInfo<T>): Decoded<T> {
  if (typeof value === 'object' && !Array.isArray(value)) return info.decode(withType(value, info));
  const what = Array.isArray(value) ? 'array' : typeof value;
  throw newBadRequest(`the object provided is unrecognized (must be of type ${info.kind}): couldn't get version/kind; json parse error: cannot unmarshal ${what} into an object`);
}

/** Refuses, warns or passes over. */
function report<T extends KubeObject>({ each, summary }: StrictErrors, { info: { kind, version }, fieldValidation, response }: DecodeTarget<T>): void {
  if (each.length > 0 && fieldValidation === 'Strict') {
    throw newBadRequest(`${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}: strict decoding error: ${summary}`);
  }
  for (const text of each) addWarning(response, text);
}

const shownBytes = 30;

function summaryOf(bytes: Buffer): string {
  if (bytes.length === 0) return '<empty>';
  const start = bytes.subarray(0, shownBytes);
  return `${start[0] === '{'.charCodeAt(0) ? start.toString('utf8') : start.toString('hex')}${bytes.length > shownBytes ? ' ...' : ''}`;
}

/** {@link readBody}, with what it should have been in the text of a failure. */
function readAs(request: Request, { kind }: Type): ParsedBody {
  try {
    return readBody(request);
  } catch (cause) {
    if (!(cause instanceof ApiStatusError) || cause.code !== 400) throw cause;
    throw newBadRequest(`the object provided is unrecognized (must be of type ${kind}): ${cause.message} (${summaryOf(bodyBytes(request))})`, { cause });
  }
}

/**
 * The typed, defaulted object in a request's body. Throws 400 for a wrong shape, and for unknown and repeated fields when
 * they are refused; otherwise unknown ones are dropped and the last of a repeated one counts, and all are named in Warning
 * headers unless the client ignores them. 415 for a type that is not served.
 */
export function decodeBody<T extends KubeObject>(request: Request, target: DecodeTarget<T>): T {
  const body = readAs(request, target.info);
  const { object, unknownFields } = decodeValue(body.value, target.info);
  if (target.fieldValidation !== 'Ignore') report(body.strictErrors(unknownFields), target);
  return target.info.applyDefaults(object);
}

/** {@link decodeBody} for a value that is parsed already, such as a patched object. */
export function decodeObject<T extends KubeObject>(value: unknown, target: DecodeTarget<T>): T {
  const { object, unknownFields } = decodeValue(value, target.info);
  const each = unknownFields.map(unknownField);
  if (target.fieldValidation !== 'Ignore') report({ each, summary: each.join(', ') }, target);
  return target.info.applyDefaults(object);
}
