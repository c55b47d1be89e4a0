import type { KubeList, KubeObject } from '@podling/shared/api';
import { apiVersionOf } from '@podling/shared/scheme';
import { encodeShared } from '../encode.ts';
import type { Endpoint, Handler } from '../endpoint.ts';
import { negotiate } from '../negotiate.ts';
import { listParameters } from '../options.ts';
import { contextOf } from '../request-context.ts';
import { predicateOf } from '../selection.ts';
import { partialOf } from '../tables/partial-object.ts';
import { tableOf } from '../tables/table.ts';
import { writeJson, writeObject } from '../write-response.ts';

const shapes = ['object', 'Table', 'PartialObjectMetadataList'] as const;

/** Joins the texts of objects that are encoded already. */
function listJson({ info }: Endpoint, { metadata, items }: KubeList<KubeObject>): string {
  const head = `{"kind":"${info.kind}List","apiVersion":"${apiVersionOf(info)}","metadata":${JSON.stringify(metadata)},"items":[`;
  return `${head}${items.map(encodeShared).join(',')}]}`;
}

export const handleList: Handler = async (endpoint, request, response) => {
  const { namespace, query } = contextOf(request).info;
  const { encoding, as } = negotiate(request.headers.accept, shapes);
  const predicate = predicateOf(endpoint.store.strategy, query);
  const list = await endpoint.store.list(endpoint.info.namespaced ? namespace : '', { ...listParameters(query), predicate });
  const answer = { request, response, code: 200, encoding };
  const { metadata, items } = list;
  if (as === 'Table') return writeObject(answer, tableOf(endpoint.info, items, { metadata, query, nowMs: endpoint.services.clock.now() }));
  if (as === 'PartialObjectMetadataList') {
    return writeObject(answer, { kind: as, apiVersion: 'meta.k8s.io/v1', metadata, items: items.map(partialOf) });
  }
  const json = listJson(endpoint, list);
  return encoding === 'json' ? writeJson(answer, json) : writeObject(answer, JSON.parse(json));
};
