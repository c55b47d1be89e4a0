import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer, type Server } from 'node:net';
import { join } from 'node:path';
import * as grpc from '@grpc/grpc-js';
import type { Container, Probe } from '@podling/shared/api';
import { afterEach, describe, expect, it } from 'vitest';
import { podOf } from '../testing/runtime-objects.ts';
import { probeOnce, ProbeTimeout, type ProbeOutcome } from './prober.ts';

const open: { close: () => void }[] = [];

afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(server);
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

const serve = (listener: RequestListener): Promise<number> => listen(createServer(listener));

function once(probe: Probe, container: Partial<Container> = {}, signal = new AbortController().signal): Promise<ProbeOutcome> {
  const pod = podOf([{ name: 'web', ...container }]);
  const [web] = pod.spec.containers;
  if (!web) throw new Error('no container');
  const execSync = async (_id: string, command: readonly string[]) => ({ exitCode: 0, stdout: Buffer.from(command.join(' ')), stderr: Buffer.alloc(0) });
  return probeOnce({ execSync }, { pod, container: web, containerId: 'c', probe, podIP: '127.0.0.1' }, signal);
}

/** Aborts as the worker does when the probe's time is up. */
function expiring(): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(new ProbeTimeout('timed out')), 50);
  return controller.signal;
}

/** Whatever connects is never answered. */
const mute = (): Promise<number> => listen(createTcpServer((socket) => void open.push({ close: () => socket.destroy() })));

async function freePort(): Promise<number> {
  const server = createTcpServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('an httpGet probe', () => {
  it('asks as Kubernetes does', async () => {
    const seen: unknown[] = [];
    const port = await serve((request, response) => {
      const { method, url, headers } = request;
      seen.push({ method, url, headers });
      response.end('fine');
    });
    expect(await once({ httpGet: { port } })).toEqual({ result: 'Success', message: '' });
    expect(seen[0]).toEqual({ method: 'GET', url: '/', headers: { 'user-agent': 'kube-probe/1.36', accept: '*/*', host: `127.0.0.1:${port}`, connection: 'close' } });
    const httpHeaders = [{ name: 'Host', value: 'app.example' }, { name: 'Accept', value: '' }, { name: 'X-A', value: '1' }, { name: 'X-A', value: '2' }, { name: 'User-Agent', value: 'own' }, { name: 'Content-Length', value: '9' }];
    await once({ httpGet: { port: 'http', path: 'a/../b?c=d e#f', httpHeaders } }, { ports: [{ name: 'http', containerPort: port }] });
    expect(seen[1]).toEqual({ method: 'GET', url: '/a/../b?c=d%20e', headers: { 'user-agent': 'own', host: 'app.example', 'x-a': '1, 2', connection: 'close' } });
  });

  it('takes 200 to 399 for success and does not show the body of a failure', async () => {
    const port = await serve((request, response) => response.writeHead(Number(request.url?.slice(1))).end('secret'));
    expect(await once({ httpGet: { port, path: '/204' } })).toMatchObject({ result: 'Success' });
    expect(await once({ httpGet: { port, path: '/304' } })).toMatchObject({ result: 'Warning' });
    expect(await once({ httpGet: { port, path: '/404' } })).toEqual({ result: 'Failure', message: 'HTTP probe failed with statuscode: 404' });
  });

  it('follows redirects on the same host, ten at most, and warns of others', async () => {
    const port = await serve((request, response) => {
      const locations: Record<string, string> = { '/same': '/end', '/loop': '/loop', '/elsewhere': 'http://other.example/' };
      const location = locations[request.url ?? ''];
      if (location === undefined) response.end();
      else response.writeHead(302, { location }).end('moved');
    });
    expect(await once({ httpGet: { port, path: '/same' } })).toEqual({ result: 'Success', message: '' });
    expect(await once({ httpGet: { port, path: '/elsewhere' } })).toEqual({ result: 'Warning', message: 'Probe terminated redirects, Response body: moved' });
    expect(await once({ httpGet: { port, path: '/loop' } })).toEqual({ result: 'Failure', message: `Get "http://127.0.0.1:${port}/loop": stopped after 10 redirects` });
  });

  it('reads no endless answer', async () => {
    const port = await serve((_request, response) => {
      response.on('error', () => undefined);
      const write = (): void => void (response.destroyed || response.write(Buffer.alloc(4096), write));
      write();
    });
    expect(await once({ httpGet: { port } })).toMatchObject({ result: 'Success' });
  });

  it('takes no upgrade for an answer, and does not wait behind it', async () => {
    const port = await listen(createTcpServer((socket) => void socket.on('error', () => undefined).once('data', () => socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'))));
    expect(await once({ httpGet: { port } })).toEqual({ result: 'Failure', message: 'HTTP probe failed with statuscode: 101' });
  });

  it('checks no certificate', async () => {
    const [cert, key] = ['expired.crt', 'expired.key'].map((name) => readFileSync(join(import.meta.dirname, 'testdata', name)));
    const port = await listen(createTlsServer({ ...(cert && { cert }), ...(key && { key }) }, (_request, response) => response.end()));
    expect(await once({ httpGet: { port, scheme: 'HTTPS' } })).toEqual({ result: 'Success', message: '' });
  });

  it('fails with the words that users know', async () => {
    const plain = await serve((_request, response) => response.end());
    expect((await once({ httpGet: { port: plain, scheme: 'HTTPS' } })).message).toBe(`Get "https://127.0.0.1:${plain}/": http: server gave HTTP response to HTTPS client`);
    const port = await freePort();
    expect(await once({ httpGet: { port } })).toEqual({ result: 'Failure', message: `Get "http://127.0.0.1:${port}/": dial tcp 127.0.0.1:${port}: connect: connection refused` });
    const silent = await mute();
    expect((await once({ httpGet: { port: silent, path: '/x' } }, {}, expiring())).message).toBe(
      `Get "http://127.0.0.1:${silent}/x": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`,
    );
    expect(await once({ httpGet: { port, httpHeaders: [{ name: 'X', value: 'a\nb' }] } })).toMatchObject({ result: 'Failure' });
  });

  it('cannot be made to a port that there is not', async () => {
    await expect(once({ httpGet: { port: 'nope' } })).rejects.toThrow('strconv.Atoi: parsing "nope": invalid syntax');
    await expect(once({ httpGet: { port: 70_000 } })).rejects.toThrow('invalid port number: 70000');
  });
});

describe('a tcpSocket probe', () => {
  it('wants a connection, no more', async () => {
    expect(await once({ tcpSocket: { port: await mute() } })).toEqual({ result: 'Success', message: '' });
    const port = await freePort();
    expect(await once({ tcpSocket: { port } })).toEqual({ result: 'Failure', message: `dial tcp 127.0.0.1:${port}: connect: connection refused` });
  });
});

describe('an exec probe', () => {
  it('knows the values that the container is given in so many words', async () => {
    const env = [{ name: 'A', value: 'b' }, { name: 'FROM', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }];
    expect((await once({ exec: { command: ['$(A)', '$(FROM)', '$(NONE)'] } }, { env })).message).toBe('b $(FROM) $(NONE)');
  });
});

interface Request {
  service: string;
}

describe('a grpc probe', () => {
  const check = (answer: grpc.handleUnaryCall<Request, { status: number }>) => ({
    definition: {
      check: {
        path: '/grpc.health.v1.Health/Check', requestStream: false as const, responseStream: false as const,
        requestSerialize: ({ service }: Request) => Buffer.from(service), requestDeserialize: (bytes: Buffer): Request => ({ service: bytes.subarray(bytes.length > 129 ? 3 : 2).toString() }),
        responseSerialize: ({ status }: { status: number }) => (status === 0 ? Buffer.alloc(0) : Buffer.from([8, status])), responseDeserialize: (bytes: Buffer) => ({ status: bytes[1] ?? 0 }),
      },
    },
    implementation: { check: answer },
  });

  async function serveHealth(answer?: grpc.handleUnaryCall<Request, { status: number }>): Promise<number> {
    const server = new grpc.Server();
    if (answer) {
      const { definition, implementation } = check(answer);
      server.addService(definition, implementation as unknown as grpc.UntypedServiceImplementation);
    }
    open.push({ close: () => server.forceShutdown() });
    return new Promise((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => (error ? reject(error) : resolve(port)));
    });
  }

  it('asks for the service and takes SERVING alone', async () => {
    const statuses: Record<string, number> = { '': 1, down: 2, odd: 0, ['long'.repeat(100)]: 1 };
    const agents: unknown[] = [];
    const port = await serveHealth((call, callback) => {
      agents.push(call.metadata.get('user-agent')[0]);
      callback(null, { status: statuses[call.request.service] ?? 3 });
    });
    expect(await once({ grpc: { port } })).toEqual({ result: 'Success', message: 'service healthy' });
    expect(await once({ grpc: { port, service: 'long'.repeat(100) } })).toMatchObject({ result: 'Success' });
    expect(await once({ grpc: { port, service: 'down' } })).toEqual({ result: 'Failure', message: 'service unhealthy (responded with "NOT_SERVING")' });
    expect(await once({ grpc: { port, service: 'odd' } })).toEqual({ result: 'Failure', message: 'service unhealthy (responded with "UNKNOWN")' });
    expect(String(agents[0])).toMatch(/^kube-probe\/1\.36/);
  });

  it('fails with the words that users know', async () => {
    const other = await serveHealth();
    expect((await once({ grpc: { port: other } })).message).toMatch(/^error: this server does not implement the grpc health protocol \(grpc.health.v1.Health\): /);
    const strange = await serveHealth((_call, callback) => callback({ code: grpc.status.NOT_FOUND, details: 'unknown service' }));
    expect((await once({ grpc: { port: strange } })).message).toBe('error: health rpc probe failed: rpc error: code = NotFound desc = unknown service');
    const expired = new AbortController();
    const hanging = await serveHealth(() => expired.abort(new ProbeTimeout('timed out')));
    expect((await once({ grpc: { port: hanging }, timeoutSeconds: 3 }, {}, expired.signal)).message).toBe('timeout: health rpc did not complete within 3s');
    const port = await freePort();
    expect((await once({ grpc: { port } }, {}, expiring())).message).toBe(`timeout: failed to connect service "127.0.0.1:${port}" within 1s: context deadline exceeded`);
  });
});
