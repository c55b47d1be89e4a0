import type { Response } from 'express';
import { newBadRequest } from '@podling/shared/api';
import type { KubeObject } from '@podling/shared/api';
import { apiVersionOf } from '@podling/shared/scheme';
import type { KindInfo } from '@podling/shared/scheme';
import type { FieldValidation } from './options.ts';
import { addWarning } from './warnings.ts';

export interface DecodeTarget<T extends KubeObject> {
  info: KindInfo<T>;
  fieldValidation: FieldValidation;
  /** Takes the warnings. */
  response: Response;
}

const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** Fills in what the path says already; refuses a body of another kind. */
function withType(value: Record<string, unknown>, info: Pick<KindInfo, 'group' | 'version' | 'kind'>): Record<string, unknown> {
  const expected = apiVersionOf(info);
  const apiVersion = value['apiVersion'] || expected;
  const kind = value['kind'] || info.kind;
  if (apiVersion !== expected) {
    throw newBadRequest(`the API version in the data (${shown(apiVersion)}) does not match the expected API version (${expected})`);
  }
  if (kind !== info.kind) throw newBadRequest(`${shown(kind)} in version ${JSON.stringify(info.version)} cannot be handled as a ${info.kind}`);
  return { ...value, apiVersion, kind };
}

/**
 * The typed, defaulted object in a body's value. Throws 400 for a wrong shape, and for unknown fields when they are
 * refused; otherwise these are dropped, and named in Warning headers unless the client ignores them.
 */
export function decodeObject<T extends KubeObject>(value: unknown, { info, fieldValidation, response }: DecodeTarget<T>): T {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw newBadRequest(`the body is not an object of kind ${info.kind}`);
  const { object, unknownFields } = info.decode(withType(value as Record<string, unknown>, info));
  const found = unknownFields.map((field) => `unknown field ${JSON.stringify(field)}`);
  if (found.length > 0 && fieldValidation === 'Strict') {
    const { kind, version } = info;
    throw newBadRequest(`${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}: strict decoding error: ${found.join(', ')}`);
  }
  if (fieldValidation === 'Warn') for (const text of found) addWarning(response, text);
  return info.applyDefaults(object);
}
