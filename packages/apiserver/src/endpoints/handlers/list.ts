import { apiVersionOf } from '@podling/shared/scheme';
import type { KubeObject } from '@podling/shared/api';
import type { ObjectList } from '../../registry/generic/list-request.ts';
import type { Endpoint, Handler } from '../endpoint.ts';
import { negotiate } from '../negotiate.ts';
import { listParameters } from '../options.ts';
import { contextOf } from '../request-context.ts';
import { predicateOf } from '../selection.ts';
import { partialOf } from '../tables/partial-object.ts';
import { tableOf } from '../tables/table.ts';
import { writeList } from '../write-list.ts';
import { writeObject } from '../write-response.ts';

const shapes = ['object', 'Table', 'PartialObjectMetadataList'] as const;

function listHead({ info }: Endpoint, { metadata }: ObjectList<KubeObject>): Buffer {
  return Buffer.from(`{"kind":"${info.kind}List","apiVersion":"${apiVersionOf(info)}","metadata":${JSON.stringify(metadata)},"items":[`);
}

export const handleList: Handler = async (endpoint, request, response) => {
  const { info, store, services } = endpoint;
  const { namespace, query } = contextOf(request).info;
  const { encoding, as } = negotiate(request.headers.accept, shapes);
  const predicate = predicateOf(store.strategy, query);
  const list = await store.list(info.namespaced ? namespace : '', { ...listParameters(query), predicate });
  const answer = { request, response, code: 200, encoding };
  const { metadata } = list;
  if (as === 'Table') return writeObject(answer, tableOf(info, list.items, { metadata, query, nowMs: services.clock.now() }));
  if (as === 'PartialObjectMetadataList') {
    return writeObject(answer, { kind: as, apiVersion: 'meta.k8s.io/v1', metadata, items: list.items.map(partialOf) });
  }
  if (encoding === 'json') return writeList(request, response, listHead(endpoint, list), list.stored);
  return writeObject(answer, { kind: `${info.kind}List`, apiVersion: apiVersionOf(info), metadata, items: list.items });
};
