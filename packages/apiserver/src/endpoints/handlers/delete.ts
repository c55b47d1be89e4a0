import type { Request } from 'express';
import { isNotFound, newBadRequest, newInvalid } from '@podling/shared/api';
import type { KubeObject, Status } from '@podling/shared/api';
import { apiVersionOf } from '@podling/shared/scheme';
import type { User } from '../../authentication/user.ts';
import type { DeleteRequest } from '../../registry/rest/strategy.ts';
import type { Endpoint, Handler } from '../endpoint.ts';
import { negotiate } from '../negotiate.ts';
import { integerParameter, isDryRun, listParameters } from '../options.ts';
import { bodyBytes, parseBody } from '../parse-body.ts';
import { contextOf } from '../request-context.ts';
import { predicateOf } from '../selection.ts';
import { writeObject } from '../write-response.ts';

interface DeleteBody {
  gracePeriodSeconds?: unknown;
  preconditions?: { uid?: unknown; resourceVersion?: unknown } | null;
  propagationPolicy?: unknown;
  dryRun?: unknown;
}

const policies = new Set<unknown>(['Orphan', 'Background', 'Foreground']);
/** What an int32 holds, 68 years: a deadline later than that has no date. */
const longestGraceSeconds = 2 ** 31 - 1;

function invalid(field: string, value: unknown, why: string): Error {
  const message = `Invalid value: ${JSON.stringify(value)}: ${why}`;
  return newInvalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', [{ field, reason: 'FieldValueInvalid', message }]);
}

function readBody(request: Request): DeleteBody {
  if (bodyBytes(request).length === 0) return {};
  const body = parseBody(request);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw newBadRequest('the body is not a DeleteOptions object');
  return body;
}

function graceOf({ gracePeriodSeconds }: DeleteBody, query: URLSearchParams): number | undefined {
  const seconds = gracePeriodSeconds ?? integerParameter(query, 'gracePeriodSeconds');
  if (seconds === undefined) return undefined;
  if (typeof seconds !== 'number' || !Number.isSafeInteger(seconds)) throw newBadRequest('gracePeriodSeconds: must be an integer');
  if (seconds > longestGraceSeconds) throw invalid('gracePeriodSeconds', seconds, `must be less than or equal to ${longestGraceSeconds}`);
  return seconds;
}

function preconditionsOf({ preconditions }: DeleteBody): DeleteRequest['preconditions'] {
  if (preconditions && typeof preconditions !== 'object') throw newBadRequest('preconditions: must be an object');
  const { uid, resourceVersion } = preconditions ?? {};
  if ((uid !== undefined && typeof uid !== 'string') || (resourceVersion !== undefined && typeof resourceVersion !== 'string')) {
    throw newBadRequest('preconditions: uid and resourceVersion must be strings');
  }
  return { ...(uid === undefined ? {} : { uid }), ...(resourceVersion === undefined ? {} : { resourceVersion }) };
}

/** DeleteOptions from the body, or from the query where the body has none. */
function deleteRequestOf(request: Request): DeleteRequest & { dryRun: boolean } {
  const body = readBody(request);
  const { query } = contextOf(request).info;
  const policy = body.propagationPolicy ?? query.get('propagationPolicy') ?? undefined;
  if (policy !== undefined && !policies.has(policy)) throw invalid('propagationPolicy', policy, 'supported values: "Background", "Foreground", "Orphan"');
  const sent = Array.isArray(body.dryRun) ? body.dryRun.map(String) : [];
  const dryRun = isDryRun([...sent, ...query.getAll('dryRun')]);
  return { gracePeriodSeconds: graceOf(body, query), preconditions: preconditionsOf(body), dryRun };
}

function successStatus({ info }: Endpoint, { metadata }: KubeObject): Status {
  const group = info.group === '' ? {} : { group: info.group };
  const uid = metadata.uid === undefined ? {} : { uid: metadata.uid };
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details: { name: metadata.name, ...group, kind: info.resource, ...uid } };
}

async function deleteOne(endpoint: Endpoint, place: { user: User; namespace: string; name: string }, wanted: DeleteRequest & { dryRun: boolean }) {
  const about = { operation: 'DELETE' as const, resource: endpoint.info, subresource: '', dryRun: wanted.dryRun, ...place };
  const { admission } = endpoint.services;
  await admission.admit(about);
  const { dryRun, ...request } = wanted;
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
  const { encoding } = negotiate(request.headers.accept);
  const wanted = deleteRequestOf(request);
  const predicate = predicateOf(endpoint.store.strategy, query);
  const { metadata, items } = await endpoint.store.list(endpoint.info.namespaced ? namespace : '', { ...listParameters(query), predicate });
  for (const { metadata: { name, namespace: home = '', uid } } of items) {
    const preconditions = { ...wanted.preconditions, ...(uid === undefined ? {} : { uid }) };
    await deleteOne(endpoint, { user, namespace: home, name }, { ...wanted, preconditions }).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
  }
  const body = { kind: `${endpoint.info.kind}List`, apiVersion: apiVersionOf(endpoint.info), metadata, items };
  await writeObject({ request, response, code: 200, encoding }, body);
};
