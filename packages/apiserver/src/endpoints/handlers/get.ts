import type { KubeObject } from '@podling/shared/api';
import type { Endpoint, Handler } from '../endpoint.ts';
import { encodeObject } from '../encode.ts';
import { negotiate } from '../negotiate.ts';
import type { Negotiated } from '../negotiate.ts';
import { resourceVersionOf } from '../options.ts';
import { contextOf } from '../request-context.ts';
import { tableOf } from '../tables/table.ts';
import { partialOf } from '../tables/partial-object.ts';
import { writeJson, writeObject } from '../write-response.ts';
import type { Request, Response } from 'express';

/** In which a client may ask for one object. */
export const objectShapes = ['object', 'Table', 'PartialObjectMetadata'] as const;

/** Writes one object in the shape that the client asked for. */
export async function writeResult(
  endpoint: Pick<Endpoint, 'info' | 'services'>,
  exchange: { request: Request; response: Response; code: number; negotiated: Negotiated },
  object: KubeObject,
): Promise<void> {
  const { negotiated, ...answer } = exchange;
  const { encoding, as } = negotiated;
  if (as === 'Table') {
    const { query } = contextOf(exchange.request).info;
    const metadata = object.metadata.resourceVersion === undefined ? {} : { resourceVersion: object.metadata.resourceVersion };
    return writeObject({ ...answer, encoding }, tableOf(endpoint.info, [object], { metadata, query, nowMs: endpoint.services.clock.now() }));
  }
  if (as === 'PartialObjectMetadata') return writeObject({ ...answer, encoding }, partialOf(object));
  return encoding === 'json' ? writeJson(answer, encodeObject(object)) : writeObject({ ...answer, encoding }, object);
}

export const handleGet: Handler = async (endpoint, request, response) => {
  const { namespace, name, query } = contextOf(request).info;
  const negotiated = negotiate(request.headers.accept, objectShapes);
  const resourceVersion = resourceVersionOf(query);
  const stored = await endpoint.store.read(endpoint.info.namespaced ? namespace : '', name, resourceVersion === undefined ? {} : { resourceVersion });
  if (negotiated.as === 'object' && negotiated.encoding === 'json') return writeJson({ request, response, code: 200 }, stored.json);
  await writeResult(endpoint, { request, response, code: 200, negotiated }, stored.object);
};
