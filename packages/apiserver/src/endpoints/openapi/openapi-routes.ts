import type { Express, Request, RequestHandler, Response } from 'express';
import { newNotAcceptable } from '@podling/shared/api';
import type { ServedResource } from '../endpoint.ts';
import { negotiate } from '../negotiate.ts';
import { contextOf } from '../request-context.ts';
import { writeBytes } from '../write-response.ts';
import { OpenApi } from './openapi.ts';
import type { OpenApiBytes } from './openapi.ts';

const yearMs = 365 * 24 * 3600 * 1000;
const prefix = '/openapi/v3/';
const protobufType = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

/** Documents are JSON, v2 in protobuf too, never YAML. */
function checkAccept(accept: string | undefined): void {
  if (negotiate(accept).encoding !== 'json') throw newNotAcceptable('only the following media types are accepted: application/json');
}

/** Only the first choice counts: who can read JSON as well gets JSON. */
function asksForProtobuf(accept = ''): boolean {
  const [first = ''] = accept.split(/[,;]/, 1);
  return first.trim().replace('@', '.') === protobufType;
}

/** A document that is asked for by its hash may be kept for ever; by a wrong hash, the client is sent to the right one. */
async function writeDocument(request: Request, response: Response, { body, hash }: OpenApiBytes, contentType: string): Promise<void> {
  const { info: { path, query } } = contextOf(request);
  const asked = query.get('hash');
  const etag = `"${hash}"`;
  response.setHeader('ETag', etag).setHeader('Vary', 'Accept');
  if (asked !== null && asked !== hash) return void response.writeHead(301, { Location: `${path}?hash=${hash}` }).end();
  if (asked !== null) response.setHeader('Cache-Control', 'public, immutable').setHeader('Expires', new Date(Date.now() + yearMs).toUTCString());
  if (request.headers['if-none-match']?.includes(etag)) return void response.writeHead(304).end();
  await writeBytes({ request, response, code: 200, contentType }, body);
}

function serveSwagger(openApi: OpenApi): RequestHandler {
  return async (request, response) => {
    if (asksForProtobuf(request.headers.accept)) return writeDocument(request, response, await openApi.swaggerProtobuf(), protobufType);
    checkAccept(request.headers.accept);
    await writeDocument(request, response, await openApi.swagger(), 'application/json');
  };
}

function serveIndex(openApi: OpenApi): RequestHandler {
  return async (request, response) => {
    checkAccept(request.headers.accept);
    await writeBytes({ request, response, code: 200 }, Buffer.from(JSON.stringify(await openApi.index())));
  };
}

function serveChapter(openApi: OpenApi): RequestHandler {
  return async (request, response, next) => {
    const document = await openApi.document(contextOf(request).info.path.slice(prefix.length));
    if (!document) return next();
    checkAccept(request.headers.accept);
    await writeDocument(request, response, document, 'application/json');
  };
}

/** `/openapi/v2`, `/openapi/v3` and what is below it. */
export function installOpenApi(app: Express, served: readonly ServedResource[]): void {
  const openApi = new OpenApi(served);
  app.get('/openapi/v2', serveSwagger(openApi));
  app.get('/openapi/v3', serveIndex(openApi));
  app.get(`${prefix}*root`, serveChapter(openApi));
}
