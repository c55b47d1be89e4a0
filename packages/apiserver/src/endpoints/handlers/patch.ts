import type { Request } from 'express';
import { ApiStatusError, newBadRequest, newRequestTooLarge, newStatusError, newUnsupportedMediaType } from '@podling/shared/api';
import type { KubeObject } from '@podling/shared/api';
import { DecodeError, PatchError, applyJsonPatch, applyMergePatch, maxOperations, strategicMergePatch, strictOperations } from '@podling/shared/scheme';
import { decodePatched } from '../decode-patched.ts';
import type { Endpoint, Handler } from '../endpoint.ts';
import { trackUpdate } from '../field-manager/field-manager.ts';
import { managedResourceOf, refuseForce, writerOf } from '../field-manager/writer.ts';
import { fieldValidationOf } from '../options.ts';
import { bodyBytes, contentTypeOf, jsonBody } from '../parse-body.ts';
import type { ParsedBody } from '../parse-body.ts';
import { contextOf } from '../request-context.ts';
import { applyContentType, handleApply } from './apply.ts';
import { writeUpdate } from './update.ts';

interface Patcher {
  /** Throws 400 and 413 for what can be no patch of this type, whatever the object. */
  check(patch: unknown): void;
  apply(endpoint: Endpoint, current: KubeObject, patch: unknown): unknown;
}

function checkObject(patch: unknown): void {
  if (patch === null) throw newBadRequest('Invalid JSON Patch');
  if (typeof patch === 'object' && !Array.isArray(patch)) return;
  const what = Array.isArray(patch) ? 'array' : typeof patch;
  throw newBadRequest(`error decoding patch: json: cannot unmarshal ${what} into Go value of type map[string]interface {}`);
}

function checkOperations(patch: unknown): void {
  if (patch === null) return;
  if (!Array.isArray(patch)) throw newBadRequest('error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp');
  if (patch.length <= maxOperations) return;
  throw newRequestTooLarge(`Request entity too large: The allowed maximum operations in a JSON patch is ${maxOperations}, got ${patch.length}`);
}

const jsonPatchType = 'application/json-patch+json';

const patchers: Record<string, Patcher> = {
  [jsonPatchType]: { check: checkOperations, apply: (_endpoint, current, patch) => applyJsonPatch(current, patch ?? []) },
  'application/merge-patch+json': { check: checkObject, apply: (_endpoint, current, patch) => applyMergePatch(current, patch) },
  'application/strategic-merge-patch+json': { check: checkObject, apply: ({ info }, current, patch) => strategicMergePatch(info.schema, current, patch) },
};

function patcherFor(request: Request): Patcher {
  const type = contentTypeOf(request);
  const patcher = Object.hasOwn(patchers, type) ? patchers[type] : undefined;
  if (patcher) return patcher;
  throw newUnsupportedMediaType('415: Unsupported Media Type');
}

const rejected = 'the server rejected our request due to an error in our request';

function asApiError(error: unknown): unknown {
  if (error instanceof ApiStatusError) return error;
  if (error instanceof DecodeError) return newBadRequest(error.message, { cause: error });
  if (!(error instanceof PatchError)) return error;
  return newStatusError({ code: 422, reason: 'Invalid', message: `${rejected}: ${error.message}`, details: {} }, { cause: error });
}

interface ReadPatch {
  patch: unknown;
  /** Of the patch itself. */
  strictErrors: readonly string[];
}

function readJson(request: Request): ParsedBody {
  try {
    return jsonBody(bodyBytes(request));
  } catch (cause) {
    if (!(cause instanceof ApiStatusError) || cause.code !== 400) throw cause;
    throw newBadRequest(`error decoding patch: ${cause.message.replace("couldn't get version/kind; json parse error: ", '')}`, { cause });
  }
}

function readPatch(request: Request, patcher: Patcher): ReadPatch {
  const { value: patch, strictErrors } = readJson(request);
  patcher.check(patch);
  const { each } = strictErrors([]);
  return { patch, strictErrors: contentTypeOf(request) === jsonPatchType ? strictOperations(patch, each) : each };
}

export const handlePatch: Handler = async (endpoint, request, response) => {
  if (contentTypeOf(request) === applyContentType) return handleApply(endpoint, request, response);
  const { query, subresource } = contextOf(request).info;
  const fieldValidation = fieldValidationOf(query, 'PatchOptions');
  refuseForce(request);
  const patcher = patcherFor(request);
  const { patch, strictErrors } = readPatch(request, patcher);
  const [resource, writer] = [managedResourceOf(endpoint, subresource), writerOf(endpoint, request, 'PatchOptions')];
  await writeUpdate(endpoint, request, response, (current) => {
    try {
      const next = decodePatched(patcher.apply(endpoint, current, patch), strictErrors, { info: endpoint.info, fieldValidation, response });
      trackUpdate(resource, writer, current, next);
      return next;
    } catch (error) {
      throw asApiError(error);
    }
  });
};
