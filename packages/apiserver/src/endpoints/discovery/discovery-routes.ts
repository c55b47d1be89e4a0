import type { Express, Request, RequestHandler, Response } from 'express';
import type { ServedResource } from '../endpoint.ts';
import { negotiate } from '../negotiate.ts';
import { contextOf } from '../request-context.ts';
import { writeObject } from '../write-response.ts';
import { Discovery } from './discovery.ts';

const aggregatedType = 'g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** Answers with what `make` gives; undefined falls through to 404. */
export function answering(make: (request: Request) => object | undefined): RequestHandler {
  return async (request, response, next) => {
    const { encoding } = negotiate(request.headers.accept);
    const body = make(request);
    if (body === undefined) return next();
    await writeObject({ request, response, code: 200, encoding }, body);
  };
}

function addressOf({ socket: { localAddress = '', localPort = 0 } }: Request): string {
  const address = localAddress.replace(/^::ffff:/, '');
  return `${address.includes(':') ? `[${address}]` : address}:${localPort}`;
}

async function writeAggregated(request: Request, response: Response, answer: { body: object; etag: string }, encoding: 'json' | 'yaml'): Promise<void> {
  response.setHeader('ETag', answer.etag).setHeader('Cache-Control', 'public');
  if (request.headers['if-none-match']?.includes(answer.etag)) return void response.writeHead(304).end();
  await writeObject({ request, response, code: 200, encoding, contentType: `application/${encoding};${aggregatedType}` }, answer.body);
}

/** `/api` and `/apis` answer in either form. */
function answeringBoth(legacy: (request: Request) => object, aggregated: () => { body: object; etag: string }): RequestHandler {
  return async (request, response) => {
    const { encoding, as } = negotiate(request.headers.accept, ['APIGroupDiscoveryList', 'object']);
    response.setHeader('Vary', 'Accept');
    if (as === 'APIGroupDiscoveryList') return writeAggregated(request, response, aggregated(), encoding);
    await writeObject({ request, response, code: 200, encoding }, legacy(request));
  };
}

/** `/api`, `/apis` and the lists below them; answers the paths there are. */
export function installDiscovery(app: Express, served: readonly ServedResource[]): string[] {
  const discovery = new Discovery(served);
  const segments = (request: Request): string[] => contextOf(request).info.path.split('/').filter((part) => part !== '').slice(1);
  app.get('/api', answeringBoth((request) => discovery.apiVersions(addressOf(request)), () => discovery.aggregated(true)));
  app.get('/apis', answeringBoth(() => discovery.groupList(), () => discovery.aggregated(false)));
  app.get('/api/:version', answering((request) => discovery.resources('', segments(request)[0] ?? '')));
  app.get('/apis/:group', answering((request) => discovery.group(segments(request)[0] ?? '')));
  app.get('/apis/:group/:version', answering((request) => discovery.resources(segments(request)[0] ?? '', segments(request)[1] ?? '')));
  return discovery.paths();
}
