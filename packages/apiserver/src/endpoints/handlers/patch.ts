import type { Request } from 'express';
import { ApiStatusError, newBadRequest, newStatusError, newUnsupportedMediaType } from '@podling/shared/api';
import type { KubeObject } from '@podling/shared/api';
import { DecodeError, PatchError, applyMergePatch, strategicMergePatch } from '@podling/shared/scheme';
import { decodeObject } from '../decode-object.ts';
import type { Endpoint, Handler } from '../endpoint.ts';
import { trackUpdate } from '../field-manager/field-manager.ts';
import { managedResourceOf, refuseForce, writerOf } from '../field-manager/writer.ts';
import { applyJsonPatch } from '../json-patch.ts';
import { fieldValidationOf } from '../options.ts';
import { bodyBytes, contentTypeOf, parseJson } from '../parse-body.ts';
import { contextOf } from '../request-context.ts';
import { applyContentType, handleApply } from './apply.ts';
import { writeUpdate } from './update.ts';

type Patcher = (endpoint: Endpoint, current: KubeObject, patch: unknown) => unknown;

const patchers: Record<string, Patcher> = {
  'application/json-patch+json': (_endpoint, current, patch) => applyJsonPatch(current, patch),
  'application/merge-patch+json': (_endpoint, current, patch) => applyMergePatch(current, patch),
  'application/strategic-merge-patch+json': ({ info }, current, patch) => strategicMergePatch(info.schema, current, patch),
};

function patcherFor(request: Request): Patcher {
  const type = contentTypeOf(request);
  const patcher = Object.hasOwn(patchers, type) ? patchers[type] : undefined;
  if (patcher) return patcher;
  throw newUnsupportedMediaType('415: Unsupported Media Type');
}

function asApiError(error: unknown): unknown {
  if (error instanceof ApiStatusError) return error;
  if (error instanceof DecodeError) return newBadRequest(error.message, { cause: error });
  if (!(error instanceof PatchError)) return error;
  return newStatusError({ code: 422, reason: 'Invalid', message: `the server rejected our request due to an error in our request: ${error.message}`, details: {} }, { cause: error });
}

export const handlePatch: Handler = async (endpoint, request, response) => {
  if (contentTypeOf(request) === applyContentType) return handleApply(endpoint, request, response);
  const patcher = patcherFor(request);
  const patch = parseJson(bodyBytes(request));
  const { query, subresource } = contextOf(request).info;
  const fieldValidation = fieldValidationOf(query);
  refuseForce(request);
  const [resource, writer] = [managedResourceOf(endpoint, subresource), writerOf(endpoint, request, 'PatchOptions')];
  await writeUpdate(endpoint, request, response, (current) => {
    try {
      const next = decodeObject(patcher(endpoint, current, patch), { info: endpoint.info, fieldValidation, response });
      trackUpdate(resource, writer, current, next);
      return next;
    } catch (error) {
      throw asApiError(error);
    }
  });
};
