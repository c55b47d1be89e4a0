import { isNotFound } from '@podling/shared/api';
import type { KubeObject, Status } from '@podling/shared/api';
import { apiVersionOf } from '@podling/shared/scheme';
import type { User } from '../../authentication/user.ts';
import type { DeleteRequest } from '../../registry/rest/strategy.ts';
import { deleteRequestOf } from '../delete-options.ts';
import type { Endpoint, Handler } from '../endpoint.ts';
import { negotiate } from '../negotiate.ts';
import { newMethodNotAllowed } from '../installer.ts';
import { listParameters } from '../options.ts';
import { contextOf } from '../request-context.ts';
import { predicateOf } from '../selection.ts';
import { writeObject } from '../write-response.ts';

function successStatus({ info }: Endpoint, { metadata }: KubeObject): Status {
  const group = info.group === '' ? {} : { group: info.group };
  const uid = metadata.uid === undefined ? {} : { uid: metadata.uid };
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details: { name: metadata.name, ...group, kind: info.resource, ...uid } };
}

async function deleteOne(endpoint: Endpoint, place: { user: User; namespace: string; name: string }, wanted: DeleteRequest & { dryRun: boolean }) {
  const about = { operation: 'DELETE' as const, resource: endpoint.info, subresource: '', dryRun: wanted.dryRun, ...place };
  const { admission } = endpoint.services;
  await admission.admit(about);
  const { dryRun, propagationPolicy, ...rest } = wanted;
  const request = endpoint.services.collectsGarbage ? { ...rest, propagationPolicy } : rest;
  return endpoint.store.delete(place.namespace, place.name, request, {
    dryRun,
    validate: (oldObject) => admission.validate({ ...about, oldObject }),
  });
}

export const handleDelete: Handler = async (endpoint, request, response) => {
  const { user, info: { namespace, name } } = contextOf(request);
  const { encoding } = negotiate(request.headers.accept);
  const place = { user, namespace: endpoint.info.namespaced ? namespace : '', name };
  const { object, removed } = await deleteOne(endpoint, place, deleteRequestOf(request));
  const body = removed && !endpoint.store.strategy.returnsDeletedObject ? successStatus(endpoint, object) : object;
  await writeObject({ request, response, code: 200, encoding }, body);
};

/** Deletes what list would give, one by one; what is gone meanwhile counts as deleted. */
export const handleDeleteCollection: Handler = async (endpoint, request, response) => {
  const { user, info: { namespace, query } } = contextOf(request);
  if (endpoint.info.namespaced && namespace === '') throw newMethodNotAllowed();
  const { encoding } = negotiate(request.headers.accept);
  const wanted = deleteRequestOf(request);
  const predicate = predicateOf(endpoint.store.strategy, query);
  const { metadata, items } = await endpoint.store.list(endpoint.info.namespaced ? namespace : '', { ...listParameters(query), predicate });
  for (const { metadata: { name, namespace: home = '', uid } } of items) {
    const preconditions = { ...(uid === undefined ? {} : { uid }), ...wanted.preconditions };
    await deleteOne(endpoint, { user, namespace: home, name }, { ...wanted, preconditions }).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
  }
  const body = { kind: `${endpoint.info.kind}List`, apiVersion: apiVersionOf(endpoint.info), metadata, items };
  await writeObject({ request, response, code: 200, encoding }, body);
};
