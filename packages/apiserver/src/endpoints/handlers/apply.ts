import type { Request, Response } from 'express';
import { ApiStatusError, isAlreadyExists, isNotFound, newBadRequest } from '@podling/shared/api';
import type { KubeObject } from '@podling/shared/api';
import { decodeObject } from '../decode-object.ts';
import type { Endpoint, Handler } from '../endpoint.ts';
import { applyConfig } from '../field-manager/field-manager.ts';
import { kubectlManager, updateLastApplied } from '../field-manager/last-applied.ts';
import { applierOf, isForced, managedResourceOf } from '../field-manager/writer.ts';
import { fieldValidationOf } from '../options.ts';
import { bodyBytes, yamlBody } from '../parse-body.ts';
import type { ParsedBody } from '../parse-body.ts';
import { contextOf } from '../request-context.ts';
import { addWarning } from '../warnings.ts';
import { writeCreated } from './create.ts';
import { writeUpdate } from './update.ts';

/** Its body is YAML, and so may be JSON. */
export const applyContentType = 'application/apply-patch+yaml';

function readBody(request: Request): ParsedBody {
  try {
    return yamlBody(bodyBytes(request));
  } catch (error) {
    if (!(error instanceof ApiStatusError) || error.code !== 400) throw error;
    throw newBadRequest(`error decoding YAML: ${error.message}`, { cause: error });
  }
}

/** Unknown fields cannot be applied in any case; keys that come twice are the client's choice. */
function parseConfig(request: Request, response: Response): Record<string, unknown> {
  const { value, strictErrors } = readBody(request);
  if (value === null || value === undefined) return {};
  const fieldValidation = fieldValidationOf(contextOf(request).info.query, 'PatchOptions');
  if (fieldValidation !== 'Ignore') {
    const { each, summary } = strictErrors([]);
    if (each.length > 0 && fieldValidation === 'Strict') throw newBadRequest(`error strict decoding YAML: error converting YAML to JSON: ${summary}`);
    for (const text of each) addWarning(response, text);
  }
  if (isJsonObject(value)) return value;
  throw newBadRequest(`error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${Array.isArray(value) ? 'array' : typeof value} into Go value of type map[string]interface {}`);
}

function isJsonObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Gives the object as it is after the apply; `live` is undefined where there is none. */
type Apply = (live: KubeObject | undefined) => KubeObject;

function applyOf(endpoint: Endpoint, request: Request, response: Response): Apply {
  const { subresource } = contextOf(request).info;
  const writer = applierOf(endpoint, request);
  const resource = managedResourceOf(endpoint, subresource);
  const [config, force] = [parseConfig(request, response), isForced(request)];
  return (live) => {
    const { object, managedFields } = applyConfig(resource, writer, live, { config, force });
    const next = decodeObject(object, { info: endpoint.info, fieldValidation: 'Ignore', response });
    checkName(request, next);
    if (managedFields.length > 0) next.metadata.managedFields = managedFields;
    if (writer.manager === kubectlManager) updateLastApplied(next, config);
    return next;
  };
}

function checkName(request: Request, { metadata: { name: sent } }: KubeObject): void {
  const { name } = contextOf(request).info;
  if (sent === '') throw newBadRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
  if (sent !== name) throw newBadRequest(`the name of the object (${sent}) does not match the name on the URL (${name})`);
}

/**
 * PATCH with `application/apply-patch+yaml`: server-side apply. Makes the object (201) where there is none; of a
 * subresource it only changes what is there. A race between the two starts again.
 */
export const handleApply: Handler = async (endpoint, request, response) => {
  const apply = applyOf(endpoint, request, response);
  for (;;) {
    try {
      return await writeUpdate(endpoint, request, response, apply);
    } catch (error) {
      if (!isMissing(error, endpoint, request)) throw error;
    }
    try {
      const object = apply(undefined);
      await contextOf(request).requireVerb('create');
      return await writeCreated(endpoint, request, response, object);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
  }
};

/** Whether it is this very object that is not there. */
function isMissing(error: unknown, { info }: Endpoint, request: Request): boolean {
  const { name, subresource } = contextOf(request).info;
  if (!isNotFound(error) || subresource !== '') return false;
  const { details } = (error as { status?: { details?: { name?: string; kind?: string } } }).status ?? {};
  return details?.name === name && details.kind === info.resource;
}
