import type { Express, RequestHandler } from 'express';
import { newNotAcceptable } from '@podling/shared/api';
import type { ServedResource } from '../endpoint.ts';
import { negotiate } from '../negotiate.ts';
import { contextOf } from '../request-context.ts';
import { writeJson } from '../write-response.ts';
import { OpenApi } from './openapi.ts';
import type { OpenApiBytes } from './openapi.ts';

const yearMs = 365 * 24 * 3600 * 1000;
const prefix = '/openapi/v3/';

/** Documents are JSON only. */
function checkAccept(accept: string | undefined): void {
  if (negotiate(accept).encoding !== 'json') throw newNotAcceptable('only the following media types are accepted: application/json');
}

const protobufType = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

/** Only the first choice counts: who can read JSON as well gets JSON. */
function asksForProtobuf(accept = ''): boolean {
  const [first = ''] = accept.split(/[,;]/, 1);
  return first.trim().replace('@', '.') === protobufType;
}

type Write = (...parameters: Parameters<RequestHandler>) => Promise<void>;

function writeDocument(find: (path: string) => Promise<OpenApiBytes | undefined>): Write {
  return async (request, response, next) => {
    const { info: { path, query } } = contextOf(request);
    const document = await find(path.slice(prefix.length));
    if (!document) return next();
    checkAccept(request.headers.accept);
    const { body, hash } = document;
    const asked = query.get('hash');
    const etag = `"${hash}"`;
    response.setHeader('ETag', etag).setHeader('Vary', 'Accept');
    if (asked !== null && asked !== hash) return void response.writeHead(301, { Location: `${path}?hash=${hash}` }).end();
    if (asked !== null) response.setHeader('Cache-Control', 'public, immutable').setHeader('Expires', new Date(Date.now() + yearMs).toUTCString());
    if (request.headers['if-none-match']?.includes(etag)) return void response.writeHead(304).end();
    await writeJson({ request, response, code: 200 }, body);
  };
}

/** `/openapi/v2`, `/openapi/v3` and what is below it. */
export function installOpenApi(app: Express, served: readonly ServedResource[]): void {
  const openApi = new OpenApi(served);
  const writeSwagger = writeDocument(() => openApi.swagger());
  app.get('/openapi/v2', async (request, response, next) => {
    if (!asksForProtobuf(request.headers.accept)) return writeSwagger(request, response, next);
    await writeJson({ request, response, code: 200, contentType: protobufType }, (await openApi.swaggerProtobuf()).body);
  });
  app.get('/openapi/v3', async (request, response) => {
    checkAccept(request.headers.accept);
    await writeJson({ request, response, code: 200 }, JSON.stringify(await openApi.index()));
  });
  app.get(`${prefix}*root`, writeDocument((path) => openApi.document(path)));
}
