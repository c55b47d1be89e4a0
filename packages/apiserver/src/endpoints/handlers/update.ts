import type { Request, Response } from 'express';
import { isNotFound, newBadRequest } from '@podling/shared/api';
import type { KubeObject } from '@podling/shared/api';
import type { RegistryStore } from '../../registry/generic/registry-store.ts';
import { decodeBody } from '../decode-object.ts';
import type { Endpoint, Handler } from '../endpoint.ts';
import { trackUpdate } from '../field-manager/field-manager.ts';
import { managedResourceOf, writerOf } from '../field-manager/writer.ts';
import { negotiate } from '../negotiate.ts';
import { fieldValidationOf, isDryRun } from '../options.ts';
import { contextOf } from '../request-context.ts';
import { writeCreated } from './create.ts';
import { writeResult } from './get.ts';
import { addWarning } from '../warnings.ts';

const shapes = ['object', 'Table', 'PartialObjectMetadata'] as const;

/** Gives the wanted object for the present one; asked again when another write came in between. */
export type NextObject = (current: KubeObject) => KubeObject;

function storeFor(endpoint: Endpoint, subresource: string): RegistryStore<KubeObject> {
  return endpoint.subresources[subresource] ?? endpoint.store;
}

/** The common end of PUT and PATCH: admission, compare-and-swap, answer. */
export async function writeUpdate(endpoint: Endpoint, request: Request, response: Response, next: NextObject): Promise<void> {
  const { user, info: { namespace: pathNamespace, name, subresource, query } } = contextOf(request);
  const dryRun = isDryRun(query.getAll('dryRun'), request.method === 'PUT' ? 'UpdateOptions' : 'PatchOptions');
  const negotiated = negotiate(request.headers.accept, shapes);
  const { info, services: { admission } } = endpoint;
  const namespace = info.namespaced ? pathNamespace : '';
  const about = { user, operation: 'UPDATE' as const, resource: info, subresource, namespace, name, dryRun };
  const admitted = async (current: KubeObject): Promise<KubeObject> => {
    const object = next(current);
    await admission.admit({ ...about, object, oldObject: current });
    return object;
  };
  const updated = await storeFor(endpoint, subresource).update(namespace, name, admitted, {
    dryRun,
    validate: (object, oldObject) => admission.validate({ ...about, object, ...(oldObject ? { oldObject } : {}) }),
  });
  if (subresource === '') for (const text of info.warningsOnUpdate(updated)) addWarning(response, text);
  if (subresource === 'status') for (const text of info.warningsOnStatusUpdate(updated)) addWarning(response, text);
  await writeResult(endpoint, { request, response, code: 200, negotiated }, updated);
}

function checkName({ metadata }: KubeObject, name: string): void {
  if (metadata.name === name) return;
  throw newBadRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`);
}

export const handleUpdate: Handler = async (endpoint, request, response) => {
  const { query, name, subresource } = contextOf(request).info;
  const [resource, writer] = [managedResourceOf(endpoint, subresource), writerOf(endpoint, request, 'UpdateOptions')];
  const sent = decodeBody(request, { info: endpoint.info, fieldValidation: fieldValidationOf(query, 'UpdateOptions'), response });
  const wanted = (current: KubeObject | undefined): KubeObject => {
    const object = structuredClone(sent);
    trackUpdate(resource, writer, current, object);
    return object;
  };
  try {
    await writeUpdate(endpoint, request, response, wanted);
  } catch (error) {
    if (!isNotFound(error) || subresource !== '' || !endpoint.store.strategy.allowsCreateOnUpdate) throw error;
    checkName(sent, name);
    await contextOf(request).requireVerb('create');
    await writeCreated(endpoint, request, response, wanted(undefined));
  }
};
