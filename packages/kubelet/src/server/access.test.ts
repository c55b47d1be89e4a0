import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { UserInfo } from '@podling/shared/api';
import type { Client, RequestOptions } from '@podling/shared/client';
import { createFakeServer, FakeClock } from '@podling/shared/testing';
import { createLogger } from '@podling/shared/util';
import express from 'express';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { accessFilter } from './access.ts';
import type { AccessOptions } from './access.ts';
import { requestAttributes } from './request-attributes.ts';
import { ApiserverReviews } from './reviews.ts';

const logger = createLogger('test', 'silent');
const robot: UserInfo = { username: 'robot', groups: ['system:authenticated'] };

describe('access to the kubelet', () => {
  let server: Server;
  let clock: FakeClock;
  let asked: object[];
  let subresources: string[];
  let isAway: boolean;
  let certificate: { CN?: string; O?: string | string[] } | undefined;

  /** The apiserver's reviews: the token `good` is the robot's, who may use `subresources`. */
  const answer = ({ path, body }: RequestOptions): object => {
    if (isAway) throw new Error('connection refused');
    const { spec } = body as { spec: { token?: string; user?: string; resourceAttributes?: { subresource: string } } };
    asked.push(spec);
    if (path.endsWith('/tokenreviews')) return { status: spec.token === 'good' ? { authenticated: true, user: robot } : { user: {} } };
    return { status: { allowed: subresources.includes(spec.resourceAttributes?.subresource ?? '') } };
  };
  const start = async (options: Partial<AccessOptions> = {}): Promise<void> => {
    const client = { ...createFakeServer(), rest: { request: async (request: RequestOptions) => answer(request) } } as unknown as Client;
    const reviews = new ApiserverReviews({ client, nodeName: 'n1', clock, ttls: { tokenMs: 120_000, allowedMs: 300_000, refusedMs: 30_000 } });
    const app = express();
    app.use((request, _response, next) => {
      if (certificate) Object.assign(request.socket, { authorized: true, getPeerCertificate: () => ({ subject: certificate }) });
      next();
    });
    app.use(accessFilter({ reviews, acceptsTokens: true, authorizationMode: 'Webhook', logger, ...options }));
    app.use((_request, response) => response.end('in'));
    server = createServer((request: IncomingMessage, response: ServerResponse) => void app(request, response));
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  };
  const ask = async (path: string, token?: string): Promise<number> => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    return (await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, { headers })).status;
  };

  beforeEach(() => {
    [clock, asked, subresources, isAway, certificate] = [new FakeClock(), [], [], false, undefined];
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => void server.close(() => resolve()));
  });

  it('refuses whoever is nobody, on every path', async () => {
    await start();
    expect(await Promise.all(['/healthz', '/pods', '/metrics', '/nowhere'].map((path) => ask(path)))).toEqual([401, 401, 401, 401]);
    expect(asked).toEqual([]);
  });

  it('asks whose a token is and what its owner may', async () => {
    await start();
    subresources = ['metrics'];
    expect([await ask('/metrics', 'good'), await ask('/stats/summary', 'good'), await ask('/metrics', 'bad')]).toEqual([200, 403, 401]);
    expect(asked[1]).toEqual({ user: 'robot', groups: ['system:authenticated'], resourceAttributes: { verb: 'get', version: 'v1', resource: 'nodes', subresource: 'metrics', name: 'n1' } });
  });

  it('takes the name and the groups of a certificate', async () => {
    await start();
    certificate = { CN: 'kube-apiserver-kubelet-client', O: ['system:masters', 'more'] };
    subresources = ['proxy'];
    expect(await ask('/containerLogs/default/web/main')).toBe(200);
    expect(asked).toEqual([expect.objectContaining({ user: 'kube-apiserver-kubelet-client', groups: ['system:masters', 'more', 'system:authenticated'] })]);
  });

  it('is given by the fine right or by the one for everything', async () => {
    await start();
    subresources = ['proxy'];
    expect([await ask('/pods', 'good'), await ask('/metrics', 'good')]).toEqual([200, 403]);
    await clock.advance(300_000);
    subresources = ['pods'];
    expect(await ask('/pods', 'good')).toBe(200);
  });

  it('remembers a yes for five minutes, a no for thirty seconds and a token for two minutes', async () => {
    await start();
    expect([await ask('/metrics', 'good'), asked.length]).toEqual([403, 2]);
    subresources = ['metrics'];
    expect([await ask('/metrics', 'good'), asked.length]).toEqual([403, 2]);
    await clock.advance(30_000);
    expect([await ask('/metrics', 'good'), asked.length]).toEqual([200, 3]);
    subresources = [];
    await clock.advance(299_000);
    expect([await ask('/metrics', 'good'), asked.length]).toEqual([200, 4]);
    await clock.advance(1_000);
    expect(await ask('/metrics', 'good')).toBe(403);
  });

  it('is nobody\'s while the apiserver is away, and comes back with it', async () => {
    await start();
    [subresources, isAway] = [['metrics'], true];
    expect(await ask('/metrics', 'good')).toBe(503);
    isAway = false;
    expect(await ask('/metrics', 'good')).toBe(200);
  });

  it('needs no right where the mode says so, but a name', async () => {
    await start({ authorizationMode: 'AlwaysAllow' });
    expect([await ask('/pods', 'good'), await ask('/pods')]).toEqual([200, 401]);
  });

  it('is not given for tokens where they are not taken', async () => {
    await start({ acceptsTokens: false, authorizationMode: 'AlwaysAllow' });
    expect(await ask('/pods', 'good')).toBe(401);
  });
});

describe('the attributes of a request', () => {
  it.each([
    ['GET', '/stats/summary', 'get', ['stats']], ['GET', '/metrics/cadvisor', 'get', ['metrics']], ['GET', '/logs/x', 'get', ['log']],
    ['GET', '/pods', 'get', ['pods', 'proxy']], ['GET', '/healthz/ping', 'get', ['healthz', 'proxy']], ['GET', '/healthzz', 'get', ['proxy']],
    ['POST', '/exec/a/b/c', 'create', ['proxy']], ['GET', '/exec/a/b/c', 'create', ['proxy']], ['GET', '/attach/a/b/c', 'create', ['proxy']],
    ['GET', '/portForward/a/b', 'create', ['proxy']], ['GET', '/containerLogs/a/b/c', 'get', ['proxy']], ['OPTIONS', '/pods', '', ['pods', 'proxy']],
  ])('of %s %s are %s %j', (method, path, verb, subresources) => {
    expect(requestAttributes(method, path)).toEqual({ verb, subresources });
  });
});
