import type { Request, Response } from 'express';
import { newBadRequest } from '@podling/shared/api';
import type { KubeObject } from '@podling/shared/api';
import { decodeBody } from '../decode-object.ts';
import type { Endpoint, Handler } from '../endpoint.ts';
import { trackUpdate } from '../field-manager/field-manager.ts';
import { managedResourceOf, writerOf } from '../field-manager/writer.ts';
import { newMethodNotAllowed } from '../installer.ts';
import { negotiate } from '../negotiate.ts';
import { fieldValidationOf, isDryRun } from '../options.ts';
import { contextOf } from '../request-context.ts';
import { writeResult } from './get.ts';
import { addWarning } from '../warnings.ts';

const shapes = ['object', 'Table', 'PartialObjectMetadata'] as const;

function namespaceFor({ info }: Endpoint, request: Request): string {
  const { namespace } = contextOf(request).info;
  return info.namespaced ? namespace : '';
}

/** The common end of a POST and of an apply to what is not there: admission, the write, 201. */
export async function writeCreated(endpoint: Endpoint, request: Request, response: Response, object: KubeObject): Promise<void> {
  const { info: { query }, user } = contextOf(request);
  const negotiated = negotiate(request.headers.accept, shapes);
  const { info, services: { admission } } = endpoint;
  const namespace = namespaceFor(endpoint, request);
  const dryRun = isDryRun(query.getAll('dryRun'));
  const attributes = { user, operation: 'CREATE' as const, resource: info, subresource: '', namespace, name: object.metadata.name, object, dryRun };
  await admission.admit(attributes);
  for (const text of info.warningsBeforeCreate(object)) addWarning(response, text);
  const created = await endpoint.store.create(namespace, object, {
    dryRun,
    validate: (stored) => admission.validate({ ...attributes, object: stored }),
  });
  for (const text of info.warningsOnCreate(created)) addWarning(response, text);
  await writeResult(endpoint, { request, response, code: 201, negotiated }, created);
}

export const handleCreate: Handler = async (endpoint, request, response) => {
  if (endpoint.info.namespaced && contextOf(request).info.namespace === '') throw newMethodNotAllowed();
  const writer = writerOf(endpoint, request, 'CreateOptions');
  const object = decodeBody(request, { info: endpoint.info, fieldValidation: fieldValidationOf(contextOf(request).info.query), response });
  if (object.metadata.resourceVersion) throw newBadRequest('resourceVersion should not be set on objects to be created');
  trackUpdate(managedResourceOf(endpoint, ''), writer, undefined, object);
  await writeCreated(endpoint, request, response, object);
};
