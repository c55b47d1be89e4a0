import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { newExpired, newForbidden } from '../api/errors.ts';
import type { KubeObject } from '../api/index.ts';
import type { RestClient, WatchEvent, WatchStream } from './client.ts';
import { ConnectionError } from './connection-error.ts';
import { createRestClient } from './rest-client.ts';

interface ServerSocket {
  send(data: string): void;
  close(code?: number): void;
  terminate(): void;
  on(event: 'close' | 'ping', listener: () => void): void;
}
interface SocketServer {
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, done: (socket: ServerSocket) => void): void;
}
const { WebSocketServer } = createRequire(import.meta.url)('ws') as { WebSocketServer: new (options: object) => SocketServer };

const added = (name: string): string => JSON.stringify({ type: 'ADDED', object: { metadata: { name, resourceVersion: name } } });

let server: Server;
let client: RestClient;
const sockets = new Set<Socket>();

afterEach(async () => {
  await client.close();
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  await new Promise((resolve) => server.close(resolve));
});

interface Serving {
  webSocket?: (socket: ServerSocket, request: IncomingMessage, raw: Duplex) => void;
  refuse?: { code: number; body: string };
  http?: (request: IncomingMessage, response: ServerResponse) => void;
}

async function serve({ webSocket, refuse, http }: Serving): Promise<RestClient> {
  const socketServer = new WebSocketServer({ noServer: true, autoPong: true });
  server = createServer((request, response) => http?.(request, response));
  server.on('connection', (socket) => sockets.add(socket));
  server.on('upgrade', (request, socket, head) => {
    if (refuse) socket.end(`HTTP/1.1 ${refuse.code} No\r\ncontent-length: ${refuse.body.length}\r\nconnection: close\r\n\r\n${refuse.body}`);
    else socketServer.handleUpgrade(request, socket, head, (accepted) => webSocket?.(accepted, request, socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = createRestClient({ server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, namespace: 'default' });
  return client;
}

async function names(stream: WatchStream<KubeObject>): Promise<string[]> {
  const seen: string[] = [];
  for await (const event of stream) seen.push((event as WatchEvent<KubeObject> & { object: KubeObject }).object.metadata.name);
  return seen;
}

describe('watch over WebSocket', () => {
  it('yields the events in order and ends when the server closes in good order', async () => {
    let url: string | undefined;
    const rest = await serve({
      webSocket(socket, request) {
        ({ url } = request);
        for (const name of ['1', '2', '3']) socket.send(added(name));
        socket.close(1000);
      },
    });
    expect(await names(rest.watch({ path: '/api/v1/pods', query: { resourceVersion: '7' } }))).toEqual(['1', '2', '3']);
    expect(url).toBe('/api/v1/pods?resourceVersion=7&watch=true');
  });

  it('throws the Status of an ERROR event after the events before it', async () => {
    const { status } = newExpired('too old resource version: 1 (9)');
    const rest = await serve({
      webSocket(socket) {
        socket.send(added('1'));
        socket.send(JSON.stringify({ type: 'ERROR', object: status }));
      },
    });
    const seen: unknown[] = [];
    const reading = (async () => {
      for await (const event of rest.watch({ path: '/x' })) seen.push(event.type);
    })();
    await expect(reading).rejects.toMatchObject({ code: 410, reason: 'Expired' });
    expect(seen).toEqual(['ADDED']);
  });

  it('throws the Status with which the server refuses to start', async () => {
    const { status } = newForbidden({ group: '', resource: 'pods' }, '', 'no');
    const rest = await serve({ refuse: { code: 403, body: JSON.stringify(status) } });
    await expect(names(rest.watch({ path: '/x' }))).rejects.toMatchObject({ code: 403, reason: 'Forbidden' });
  });

  it('throws when the connection breaks', async () => {
    const rest = await serve({ webSocket: (socket) => socket.terminate() });
    await expect(names(rest.watch({ path: '/x' }))).rejects.toBeInstanceOf(ConnectionError);
  });

  it('throws when nothing listens', async () => {
    const rest = await serve({});
    await new Promise((resolve) => server.close(resolve));
    await expect(names(rest.watch({ path: '/x' }))).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('finds a silent link by its missing pongs', async () => {
    const rest = await serve({ webSocket: (_socket, _request, raw) => void raw.pause() });
    await expect(names(rest.watch({ path: '/x', pingPeriodMs: 10, deadlineMs: 30 }))).rejects.toThrow('silent for 30 ms');
  });

  it('keeps a link without events that answers pings', async () => {
    const periods = 20;
    let pings = 0;
    const rest = await serve({ webSocket: (socket) => void socket.on('ping', () => void ((pings += 1) > periods && socket.close(1000))) });
    expect(await names(rest.watch({ path: '/x', pingPeriodMs: 40, deadlineMs: periods * 40 }))).toEqual([]);
  });

  it('gives up on a server that accepts but never answers the handshake', async () => {
    const rest = await serve({});
    server.removeAllListeners('upgrade');
    server.on('upgrade', () => undefined);
    await expect(names(rest.watch({ path: '/x', deadlineMs: 30 }))).rejects.toBeInstanceOf(ConnectionError);
  });

  it('frees the socket when its reader leaves, closes or aborts', async () => {
    let closed = 0;
    let wake: () => void = () => undefined;
    const rest = await serve({
      webSocket(socket) {
        socket.on('close', () => {
          closed += 1;
          wake();
        });
        socket.send(added('1'));
      },
    });
    const oneMoreClosed = (): Promise<void> => new Promise((resolve) => (wake = resolve));
    const leaving = oneMoreClosed();
    for await (const _event of rest.watch({ path: '/x' })) break;
    await leaving;
    const ending = new AbortController();
    const aborted = oneMoreClosed();
    const reading = (async () => {
      for await (const _event of rest.watch({ path: '/x', signal: ending.signal })) ending.abort();
    })();
    await Promise.all([reading, aborted]);
    expect(closed).toBe(2);
  });
});

describe('watch over chunked HTTP', () => {
  it('reads events however they are cut, and ends with the body', async () => {
    const text = `${added('eins')}\n${added('zwölf')}\n`;
    const rest = await serve({
      http(_request, response) {
        const bytes = Buffer.from(text);
        let sent = 0;
        const sendSome = (): void => {
          if (sent >= bytes.length) return void response.end();
          response.write(bytes.subarray(sent, (sent += 7)));
          setImmediate(sendSome);
        };
        sendSome();
      },
    });
    expect(await names(rest.watch({ path: '/x', transport: 'chunked' }))).toEqual(['eins', 'zwölf']);
  });

  it('throws the Status of a refused start', async () => {
    const { status } = newExpired('too old');
    const rest = await serve({ http: (_request, response) => response.writeHead(410).end(JSON.stringify(status)) });
    await expect(names(rest.watch({ path: '/x', transport: 'chunked' }))).rejects.toMatchObject({ code: 410 });
  });

  it('frees the connection when its reader leaves', async () => {
    let gone: () => void = () => undefined;
    const closed = new Promise<void>((resolve) => (gone = resolve));
    const rest = await serve({
      http(_request, response) {
        response.on('close', gone);
        response.write(`${added('1')}\n`);
      },
    });
    for await (const _event of rest.watch({ path: '/x', transport: 'chunked' })) break;
    await closed;
  });
});
