import { createServer, request as send, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Pod, Status } from '@podling/shared/api';
import { WebSocket, WebSocketServer, type RawData } from 'ws';
import { pods, useTestServer } from '../testing/test-server.ts';

const server = useTestServer();

const textOf = (data: RawData): string => (data as Buffer).toString('utf8');

/** A pod's web server. */
class Backend {
  readonly seen: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[] = [];
  answer: (request: IncomingMessage, response: ServerResponse) => void = (_, response) => response.end('hello');
  readonly server: Server;

  constructor() {
    this.server = createServer((request, response) => void this.#serve(request, response));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const seen = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body: '' };
    this.seen.push(seen);
    if (request.url === '/echo') return void request.pipe(response);
    for await (const chunk of request) seen.body += String(chunk);
    this.answer(request, response);
  }

  get last() {
    return this.seen.at(-1);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }
}

describe('pods/NAME/proxy', () => {
  const backend = new Backend();
  const proxy = (path: string, name = `web:${backend.port}`): string => `${server.url}${pods}/${name}/proxy${path}`;

  const createPod = async (name: string, status: Pod['status'], spec: Partial<Pod['spec']> = {}): Promise<void> => {
    await server.createPod(name, { spec: { containers: [{ name: 'main', image: 'i', ports: [{ containerPort: backend.port }] }], ...spec } });
    await server.bindPod(name, 'n1');
    const body = { status: { phase: 'Running', hostIP: '10.9.9.9', ...status } };
    expect((await server.send('PATCH', `${pods}/${name}/status`, { body, contentType: 'application/merge-patch+json' })).code).toBe(200);
  };

  beforeAll(async () => {
    await new Promise<void>((resolve) => void backend.server.listen(0, '127.0.0.1', resolve));
    await createPod('web', { podIP: '127.0.0.1' });
  });
  afterAll(async () => {
    backend.server.closeAllConnections();
    await new Promise((resolve) => backend.server.close(resolve));
  });

  it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])('passes %s on, with path, query and body', async (method) => {
    const body = method === 'GET' ? null : 'some bytes';
    const answer = await fetch(proxy('/a%2Fb/c%20d/?watch=true&x=%26', 'web'), { method, body });
    expect([answer.status, await answer.text()]).toEqual([200, 'hello']);
    expect(backend.last).toMatchObject({ method, url: '/a%2Fb/c%20d/?watch=true&x=%26', body: body ?? '' });
  });

  it('gives the pod\'s own answer: code, headers, body', async () => {
    backend.answer = (_, response) => response.writeHead(418, 'Teapot', { 'x-kind': 'pot', 'set-cookie': ['a=1', 'b=2'], connection: 'x-secret', 'x-secret': '1' }).end('short');
    const answer = await fetch(proxy('/'));
    expect([answer.status, await answer.text(), answer.headers.get('x-kind'), answer.headers.getSetCookie(), answer.headers.get('x-secret')]).toEqual([418, 'short', 'pot', ['a=1', 'b=2'], null]);
    backend.answer = (_, response) => response.end('hello');
  });

  it('tells the pod where a request came from, and nothing of who the client is to us', async () => {
    const headers = { authorization: 'Basic eDp4', cookie: 'c=1', 'x-own': '1', 'x-forwarded-for': '1.2.3.4', te: 'trailers', 'x-remote-user': 'root' };
    await fetch(proxy('/p?q'), { headers });
    expect(backend.last?.headers).toMatchObject({ cookie: 'c=1', 'x-own': '1', 'x-forwarded-for': '127.0.0.1', 'x-forwarded-uri': `${pods}/web:${backend.port}/proxy/p`, host: `127.0.0.1:${backend.port}` });
    for (const name of ['authorization', 'te', 'x-remote-user', 'impersonate-user']) expect(backend.last?.headers).not.toHaveProperty(name);
  });

  it('streams both ways', async () => {
    const outgoing = send(proxy('/echo'), { method: 'POST' });
    const answered = new Promise<IncomingMessage>((resolve) => outgoing.once('response', resolve));
    outgoing.write('first');
    const answer = await answered;
    const chunks: string[] = [];
    for await (const chunk of answer) {
      chunks.push(String(chunk));
      if (chunks.length === 1) outgoing.end('second');
    }
    expect(chunks.join(' ')).toBe('first second');
  });

  it('ends the pod\'s connection when the client goes', async () => {
    const gone = Promise.withResolvers<void>();
    backend.answer = (_, response) => {
      response.write('x');
      response.once('close', () => gone.resolve());
    };
    const abort = new AbortController();
    await fetch(proxy('/'), { signal: abort.signal });
    abort.abort();
    await gone.promise;
    backend.answer = (_, response) => response.end('hello');
  });

  it('leads redirects to the pod through itself, and follows none', async () => {
    const redirect = async (location: string): Promise<string | null> => {
      backend.answer = (_, response) => response.writeHead(302, { location }).end();
      const answer = await fetch(proxy('/'), { redirect: 'manual' });
      return answer.headers.get('location');
    };
    const prefix = `${pods}/web:${backend.port}/proxy`;
    expect(await redirect('/next?x=1')).toBe(`${prefix}/next?x=1`);
    expect(await redirect(`http://127.0.0.1:${backend.port}/next`)).toBe(`${prefix}/next`);
    expect(await redirect('next')).toBe('next');
    expect(await redirect('http://elsewhere.example/x')).toBe('http://elsewhere.example/x');
    backend.answer = (_, response) => response.end('hello');
  });

  it('leads from the pod\'s bare name to its root', async () => {
    const answer = await fetch(proxy('?x=1'), { redirect: 'manual' });
    expect([answer.status, answer.headers.get('location')]).toEqual([301, `${pods}/web:${backend.port}/proxy/?x=1`]);
  });

  it('does not let a path lead out of the pod\'s own', async () => {
    const outgoing = send({ host: '127.0.0.1', port: new URL(server.url).port, path: `${pods}/web/proxy/a/%2e%2e/../../b` });
    outgoing.end();
    await new Promise((resolve) => outgoing.once('response', (answer) => resolve(answer.resume())));
    expect(backend.last?.url).toBe('/b');
  });

  it('lets a WebSocket through when the pod agrees', async () => {
    const sockets = new WebSocketServer({ server: backend.server, path: '/socket' });
    sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(`pod: ${textOf(data)}`)));
    const socket = new WebSocket(proxy('/socket').replace('http', 'ws'));
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    socket.send('hi');
    expect(await new Promise((resolve) => socket.once('message', (data) => resolve(textOf(data))))).toBe('pod: hi');
    socket.close();
    await new Promise((resolve) => socket.once('close', resolve));
    sockets.close();
  });

  it('passes on the answer of a pod that does not', async () => {
    const socket = new WebSocket(proxy('/none').replace('http', 'ws'));
    const code = await new Promise((resolve) => socket.once('unexpected-response', (_request, answer) => resolve(answer.statusCode)).once('error', resolve));
    expect(code).toBe(200);
    socket.terminate();
  });

  it.each([
    ['ftp:web:80', 400, 'invalid pod request'], ['a:b:c:d', 400, 'invalid pod request'], ['web:http', 400, 'invalid port'], ['web:70000', 400, 'invalid port'],
    ['nobody', 404, 'pods "nobody" not found'], ['web:1', 503, 'error trying to reach service'],
  ])('answers %s with %i', async (name, code, message) => {
    const answer = await fetch(proxy('/', encodeURI(name)));
    expect(answer.status).toBe(code);
    expect(((await answer.json()) as Status).message).toContain(message);
  });

  it.each<[string, Pod['status'], Partial<Pod['spec']>, number]>([
    ['a pod on its node\'s network', { podIP: '10.9.9.9' }, { hostNetwork: true, containers: [{ name: 'main', image: 'i' }] }, 400],
    ['its node\'s address', { podIP: '10.9.9.9' }, {}, 400],
    ['another node\'s address', { podIP: '10.7.7.7' }, {}, 400],
    ['another node\'s address in other words', { podIP: 'fd00:0::7' }, {}, 400],
    ['a link-local address', { podIP: '169.254.169.254' }, {}, 400],
    ['no address in particular', { podIP: '0.0.0.0' }, {}, 400],
    ['an address not yet given', {}, {}, 400],
    ['a pod that is over', { phase: 'Succeeded', podIP: '127.0.0.1' }, {}, 503],
  ])('does not go to %s', async (what, status, spec, code) => {
    const name = what.replaceAll(/[^a-z]/g, '-');
    const node = { metadata: { name: 'n7' }, status: { addresses: [{ type: 'InternalIP', address: '10.7.7.7' }, { type: 'InternalIP', address: 'fd00::7' }, { type: 'Hostname', address: 'n7' }] } };
    await server.send('POST', '/api/v1/nodes', { body: { apiVersion: 'v1', kind: 'Node', ...node } });
    await createPod(name, status, spec);
    const before = backend.seen.length;
    expect((await fetch(proxy('/', `${name}:${backend.port}`))).status).toBe(code);
    expect(backend.seen).toHaveLength(before);
  });
});
