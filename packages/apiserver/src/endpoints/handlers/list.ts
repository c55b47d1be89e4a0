import type { Request, Response } from 'express';
import { apiVersionOf } from '@podling/shared/scheme';
import type { KubeList, KubeObject } from '@podling/shared/api';
import type { ObjectList } from '../../registry/generic/list-request.ts';
import type { Endpoint, Handler } from '../endpoint.ts';
import { negotiate } from '../negotiate.ts';
import type { Negotiated } from '../negotiate.ts';
import { listParameters } from '../options.ts';
import { contextOf } from '../request-context.ts';
import { predicateOf } from '../selection.ts';
import { partialOf } from '../tables/partial-object.ts';
import { tableOf } from '../tables/table.ts';
import { writeList } from '../write-list.ts';
import { writeObject } from '../write-response.ts';

/** In which a client may ask for a list. */
export const listShapes = ['object', 'Table', 'PartialObjectMetadataList'] as const;

function listHead({ info }: Endpoint, { metadata }: ObjectList<KubeObject>): Buffer {
  return Buffer.from(`{"kind":"${info.kind}List","apiVersion":"${apiVersionOf(info)}","metadata":${JSON.stringify(metadata)},"items":[`);
}

/** Writes a list in the shape that the client asked for. */
export async function writeListResult(
  { info, services }: Pick<Endpoint, 'info' | 'services'>,
  exchange: { request: Request; response: Response; code: number; negotiated: Negotiated },
  { metadata, items }: KubeList<KubeObject>,
): Promise<void> {
  const { negotiated: { encoding, as }, ...rest } = exchange;
  const answer = { ...rest, encoding };
  const { query } = contextOf(exchange.request).info;
  if (as === 'Table') return writeObject(answer, tableOf(info, items, { metadata, query, nowMs: services.clock.now() }));
  if (as === 'PartialObjectMetadataList') return writeObject(answer, { kind: as, apiVersion: 'meta.k8s.io/v1', metadata, items: items.map(partialOf) });
  return writeObject(answer, { kind: `${info.kind}List`, apiVersion: apiVersionOf(info), metadata, items });
}

export const handleList: Handler = async (endpoint, request, response) => {
  const { info, store } = endpoint;
  const { namespace, query } = contextOf(request).info;
  const negotiated = negotiate(request.headers.accept, listShapes);
  const predicate = predicateOf(store.strategy, query);
  const list = await store.list(info.namespaced ? namespace : '', { ...listParameters(query), predicate });
  const { encoding, as } = negotiated;
  if (as === 'object' && encoding === 'json') return writeList(request, response, listHead(endpoint, list), list.stored);
  await writeListResult(endpoint, { request, response, code: 200, negotiated }, list);
};
