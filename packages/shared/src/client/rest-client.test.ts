import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ApiStatusError, newConflict } from '../api/errors.ts';
import type { RestClient } from './client.ts';
import { ConnectionError } from './connection-error.ts';
import { createRestClient } from './rest-client.ts';

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

let server: Server | undefined;
let client: RestClient | undefined;

afterEach(async () => {
  await client?.close();
  server?.closeAllConnections();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  server = client = undefined;
});

async function serve(handler: Handler): Promise<RestClient> {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => handler(request, response, body));
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  client = createRestClient({ server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, namespace: 'default', token: 'secret' });
  return client;
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  for await (const chunk of chunks) text += Buffer.from(chunk).toString();
  return text;
}

/** How long until the client's kernel asks, as Linux tells; infinite when it never does. */
function keepAliveMs(connection: Socket | undefined): number {
  const port = (connection?.remotePort ?? 0).toString(16).toUpperCase().padStart(4, '0');
  const [, timer, jiffies = ''] = new RegExp(`0100007F:${port} 0100007F:.* (0[0-9]):([0-9A-F]{8}) `).exec(readFileSync('/proc/net/tcp', 'utf8')) ?? [];
  return timer === '02' ? Number.parseInt(jiffies, 16) * 10 : Number.POSITIVE_INFINITY;
}

describe('RestClient', () => {
  it('sends method, query, headers and JSON body, and reads the JSON answer', async () => {
    const rest = await serve((request, response, body) => {
      const { method, url, headers } = request;
      response.end(JSON.stringify({ method, url, body, type: headers['content-type'], authorization: headers.authorization }));
    });
    const answer = await rest.request({
      method: 'PATCH', path: '/api/v1/pods/x', query: { labelSelector: 'a=b,c', limit: 5, watch: undefined }, body: { a: 1 },
      contentType: 'application/merge-patch+json',
    });
    expect(answer).toEqual({
      method: 'PATCH', url: '/api/v1/pods/x?labelSelector=a%3Db%2Cc&limit=5', body: '{"a":1}',
      type: 'application/merge-patch+json', authorization: 'Bearer secret',
    });
  });

  it('sends bytes as they are', async () => {
    const rest = await serve((request, response, body) => response.end(JSON.stringify({ body, length: request.headers['content-length'] })));
    expect(await rest.request({ method: 'POST', path: '/', body: Buffer.from('a: ü\n') })).toEqual({ body: 'a: ü\n', length: '6' });
  });

  it('says of a path that nobody serves what Kubernetes says', async () => {
    const rest = await serve((_request, response) => response.writeHead(404).end('404 page not found\n'));
    await expect(rest.request({ path: '/nope' })).rejects.toMatchObject({ reason: 'NotFound', message: 'the server could not find the requested resource' });
  });

  it('asks as the user that it acts as', async () => {
    const { config } = await serve((request, response) => response.end(JSON.stringify(request.headersDistinct)));
    await client?.close();
    client = createRestClient({ ...config, impersonate: { user: 'jane', uid: '7', groups: ['ops', 'dev'], extra: { 'a/b': ['c', 'd'] } } });
    expect(await client.request({ path: '/' })).toMatchObject({
      'impersonate-user': ['jane'], 'impersonate-uid': ['7'], 'impersonate-group': ['ops', 'dev'], 'impersonate-extra-a%2fb': ['c', 'd'], authorization: ['Bearer secret'],
    });
  });

  it('tells what the server warns of', async () => {
    const { config } = await serve((_request, response) => {
      response.setHeader('warning', ['299 - "unknown field \\"spec.foo\\""', '299 - "old, but there"']);
      response.end('{}');
    });
    const warnings: string[] = [];
    await client?.close();
    client = createRestClient({ ...config, onWarning: (text) => warnings.push(text) });
    await client.request({ path: '/x' });
    expect(warnings).toEqual(['unknown field "spec.foo"', 'old, but there']);
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE'] as const)('sends the body of a %s', async (method) => {
    const rest = await serve((_request, response, body) => response.end(body));
    const body = { text: 'zwölf' };
    for (let round = 0; round < 2; round += 1) expect(await rest.request({ method, path: '/x', body })).toEqual(body);
  });

  it('reads a body of several chunks, cut within a character', async () => {
    const bytes = Buffer.from(JSON.stringify('ö'.repeat(50_000)));
    const rest = await serve((_request, response) => {
      response.write(bytes.subarray(0, 30_000));
      setImmediate(() => response.end(bytes.subarray(30_000)));
    });
    expect(await rest.request({ path: '/x' })).toHaveLength(50_000);
  });

  it('uses one connection for requests one after the other', async () => {
    const ports = new Set<number | undefined>();
    const rest = await serve((request, response) => {
      ports.add(request.socket.remotePort);
      response.writeHead(request.url === '/no' ? 404 : 200).end('{}');
    });
    for (const path of ['/a', '/no', '/b']) await rest.request({ path }).catch(() => undefined);
    expect(ports.size).toBe(1);
  });

  it('throws the Status of a refusal', async () => {
    const { status } = newConflict({ group: '', resource: 'pods' }, 'x', 'stale');
    const rest = await serve((_request, response) => response.writeHead(409).end(JSON.stringify(status)));
    const refusal = await rest.request({ path: '/x' }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ApiStatusError);
    expect((refusal as ApiStatusError).status).toEqual(status);
  });

  it.each([
    [502, 'bad gateway', 'bad gateway', 'Unknown'],
    [404, '', 'the server answered with status 404', 'NotFound'],
    [503, '{"kind":"Other"}', '{"kind":"Other"}', 'ServiceUnavailable'],
  ])('makes a Status of answer %i that has none', async (code, body, message, reason) => {
    const rest = await serve((_request, response) => response.writeHead(code).end(body));
    await expect(rest.request({ path: '/x' })).rejects.toMatchObject({ code, reason, message });
  });

  it('names the server that refuses the connection and keeps the cause', async () => {
    const rest = await serve(() => undefined);
    await new Promise((resolve) => server?.close(resolve));
    const failure = await rest.request({ path: '/x' }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ConnectionError);
    expect((failure as ConnectionError).code).toBe('ECONNREFUSED');
    expect((failure as Error).message).toContain(rest.config.server);
    expect((failure as Error).cause).toBeInstanceOf(Error);
  });

  it('gives up on a server that does not answer in time', async () => {
    const rest = await serve(() => undefined);
    await expect(rest.request({ path: '/x', timeoutMs: 20 })).rejects.toThrow('no answer within 20 ms');
  });

  it('rejects with the reason of the caller that aborts', async () => {
    const ending = new AbortController();
    const rest = await serve(() => ending.abort(new Error('changed my mind')));
    await expect(rest.request({ path: '/x', signal: ending.signal })).rejects.toThrow('changed my mind');
  });

  it('streams a body as it comes, beyond the deadline of the answer', async () => {
    const rest = await serve((_request, response) => {
      response.write('first ');
      setTimeout(() => response.end('last'), 600);
    });
    expect(await collect(await rest.stream({ path: '/log', timeoutMs: 500 }))).toBe('first last');
  });

  it('ends the request of a stream whose reader leaves', async () => {
    let closed: () => void = () => undefined;
    const gone = new Promise<void>((resolve) => (closed = resolve));
    const rest = await serve((_request, response) => {
      response.on('close', closed);
      response.write('x');
    });
    for await (const _chunk of await rest.stream({ path: '/log' })) break;
    await gone;
  });

  it('throws when a stream breaks off', async () => {
    const rest = await serve((_request, response) => {
      response.write('x');
      setTimeout(() => response.destroy(), 5);
    });
    await expect(collect(await rest.stream({ path: '/log' }))).rejects.toBeInstanceOf(ConnectionError);
  });

  it('throws for an answer that is not JSON', async () => {
    const rest = await serve((_request, response) => response.end('<html>'));
    await expect(rest.request({ path: '/x' })).rejects.toThrow('the answer is not JSON: <html>');
  });

  describe('that connects ahead', () => {
    const connections: Socket[] = [];

    async function connectAhead(): Promise<RestClient> {
      server = createServer((_request, response) => response.end('{}'));
      server.on('connection', (socket) => connections.push(socket));
      await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
      const connected = once(server, 'connection');
      client = createRestClient({ server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, namespace: 'default' }, { connects: true });
      await connected;
      return client;
    }

    beforeEach(() => void connections.splice(0));

    it('sends its requests over that connection', async () => {
      const rest = await connectAhead();
      await rest.request({ path: '/x' });
      await rest.request({ path: '/y' });
      expect(connections).toHaveLength(1);
    });

    it('connects again when that connection has gone', async () => {
      const rest = await connectAhead();
      connections[0]?.resetAndDestroy();
      for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
      expect(await rest.request({ path: '/x' })).toEqual({});
      expect(connections).toHaveLength(2);
    });

    it('tells of a server that is not reached when it is asked something', async () => {
      const rest = await connectAhead();
      await new Promise((resolve) => (server?.close(resolve), server?.closeAllConnections()));
      client = createRestClient(rest.config, { connects: true });
      await expect(client.request({ path: '/x' })).rejects.toMatchObject({ name: 'ConnectionError', code: 'ECONNREFUSED' });
    });

    it('tells of a certificate that is none when it is asked something', async () => {
      client = createRestClient({ server: 'https://127.0.0.1:1', namespace: 'default', clientCertificate: 'none' }, { connects: true });
      await expect(client.request({ path: '/x' })).rejects.toMatchObject({ name: 'ConnectionError', message: expect.stringContaining('no start line') });
    });

    it('has the kernel ask within a second whether the server is still there', async () => {
      await connectAhead();
      await expect.poll(() => keepAliveMs(connections[0])).toBeLessThanOrEqual(1_000);
    });

    it.each(['http://127.0.0.1', 'https://[::1]'])('knows the port of %s', async (url) => {
      client = createRestClient({ server: url, namespace: 'default' }, { connects: true });
      await expect(client.request({ path: '/x', signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
    });

    it('closes a connection that nothing was sent over', async () => {
      const rest = await connectAhead();
      const closed = once(connections[0] as Socket, 'close');
      await rest.close();
      await closed;
    });
  });
});
