import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { createRequire } from 'node:module';
import { afterEach, describe, expect, it } from 'vitest';
import { ApiStatusError, newForbidden } from '../api/errors.ts';
import type { ConnectOptions, RestClient } from './client.ts';
import { createRestClient } from './rest-client.ts';
import { StreamError } from './stream-error.ts';

interface Peer {
  protocol: string;
  send(data: Buffer): void;
  close(code?: number, reason?: string): void;
  terminate(): void;
  pause(): void;
  on(event: 'message' | 'ping', listener: (data: Buffer) => void): void;
  readonly bufferedAmount: number;
}
interface PeerServer {
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, done: (peer: Peer) => void): void;
}
const { WebSocketServer } = createRequire(import.meta.url)('ws') as { WebSocketServer: new (options: object) => PeerServer };

const open: { server: Server; client: RestClient; sockets: Set<Duplex> }[] = [];
afterEach(async () => {
  for (const { server, client, sockets } of open.splice(0)) {
    await client.close();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
});

type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

async function clientOf(upgrade: Upgrade): Promise<RestClient> {
  const server = createServer();
  const sockets = new Set<Duplex>();
  server.on('connection', (socket) => sockets.add(socket));
  server.on('upgrade', upgrade);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = createRestClient({ server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, namespace: 'default', token: 'secret' });
  open.push({ server, client, sockets });
  return client;
}

const accepting = (serve: (peer: Peer, request: IncomingMessage) => void): Upgrade => {
  const websockets = new WebSocketServer({ noServer: true });
  return (request, socket, head) => websockets.handleUpgrade(request, socket, head, (peer) => serve(peer, request));
};
const refusing = (code: number, body: string): Upgrade => (_request, socket) => void socket.end(`HTTP/1.1 ${code} No\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
const asking = (more: Partial<ConnectOptions> = {}): ConnectOptions => ({ path: '/exec', protocols: ['v5', 'v4'], ...more });

describe('RestClient.connect', () => {
  it('goes over the connection of a request before it', async () => {
    const client = await clientOf(accepting((peer, request) => peer.send(Buffer.from(String(request.socket.remotePort)))));
    const { server, sockets } = open[0]!;
    server.on('request', (request, response) => void response.end(JSON.stringify(request.socket.remotePort)));
    const asked = await client.request<number>({ path: '/version' });
    const { messages } = await client.connect(asking());
    expect([String((await once(messages, 'data'))[0]), sockets.size]).toEqual([String(asked), 1]);
    await expect(client.request({ path: '/version' })).resolves.not.toBe(asked);
  });

  it('says who it is, repeats a list in the query, and tells the protocol chosen', async () => {
    let asked: IncomingMessage | undefined;
    const client = await clientOf(accepting((_peer, request) => (asked = request)));
    const { protocol } = await client.connect(asking({ query: { command: ['ls', '-l'], tty: undefined } }));
    expect(asked?.url).toBe('/exec?command=ls&command=-l');
    expect(asked?.headers).toMatchObject({ authorization: 'Bearer secret', 'sec-websocket-protocol': 'v5,v4' });
    expect(protocol).toBe('v5');
  });

  it('takes a protocol whose name has a slash, and none that it did not offer', async () => {
    const answering = (protocol: string): Upgrade => (request, socket) => {
      const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
      socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: ${protocol}\r\n\r\n`);
    };
    const tunnel = 'SPDY/3.1+portforward.k8s.io';
    expect((await (await clientOf(answering(tunnel))).connect(asking({ protocols: [tunnel] }))).protocol).toBe(tunnel);
    await expect((await clientOf(answering('v1'))).connect(asking())).rejects.toThrow('unable to negotiate protocol');
  });

  it('hands on messages both ways, to a good end', async () => {
    const client = await clientOf(accepting((peer) => peer.on('message', (data) => {
      peer.send(Buffer.concat([Buffer.from('got '), data]));
      peer.close(1000);
    })));
    const { messages } = await client.connect(asking());
    messages.write('one');
    const seen: string[] = [];
    for await (const message of messages) seen.push(String(message));
    expect(seen).toEqual(['got one']);
  });

  it('says why the server closed', async () => {
    const client = await clientOf(accepting((peer) => peer.close(1011, 'idle')));
    const { messages } = await client.connect(asking());
    const [error] = (await once(messages.resume(), 'error')) as [Error];
    expect([error instanceof StreamError, error.message]).toEqual([true, 'websocket: close 1011: idle']);
  });

  it('tells a broken connection from an end', async () => {
    const client = await clientOf(accepting((peer) => peer.terminate()));
    const { messages } = await client.connect(asking());
    const [error] = (await once(messages.resume(), 'error')) as [Error];
    expect(error.message).toBe('websocket: close 1006');
  });

  it('finds out that nobody is there any more', async () => {
    const client = await clientOf(accepting((peer) => peer.pause()));
    const { messages } = await client.connect(asking({ pingPeriodMs: 5, deadlineMs: 20 }));
    const [error] = (await once(messages.resume(), 'error')) as [Error];
    expect(error.message).toBe('nothing came for 20 ms');
  });

  it('holds a server up that is not read, and one that does not read holds it up', async () => {
    let peer: Peer | undefined;
    const client = await clientOf(accepting((one) => (peer = one)));
    const { messages } = await client.connect(asking({ pingPeriodMs: 5, deadlineMs: 20 }));
    for (let sent = 0; sent < 1_000; sent += 1) peer?.send(Buffer.alloc(64 * 1024));
    let pings = 0;
    await new Promise<void>((resolve) => peer?.on('ping', () => (pings += 1) === 10 && resolve()));
    expect(peer?.bufferedAmount).toBeGreaterThan(32 * 1024 * 1024);
    expect(messages.destroyed).toBe(false);
    peer?.pause();
    let written = 0;
    while (messages.write(Buffer.alloc(64 * 1024)) && written < 1_000) {
      written += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(written).toBeLessThan(1_000);
  });

  it('keeps the Status of a refusal', async () => {
    const { status } = newForbidden({ group: '', resource: 'pods' }, 'web', 'no');
    const client = await clientOf(refusing(403, JSON.stringify(status)));
    await expect(client.connect(asking())).rejects.toBeInstanceOf(ApiStatusError);
  });

  it('keeps the text of a refusal', async () => {
    const client = await clientOf(refusing(404, 'container not found ("web")\n'));
    await expect(client.connect(asking())).rejects.toThrow(new StreamError('unable to upgrade connection: container not found ("web")'));
  });

  it('does not wait for ever, nor longer than it is wanted', async () => {
    const client = await clientOf(() => undefined);
    await expect(client.connect(asking({ timeoutMs: 20 }))).rejects.toThrow('no answer within 20 ms');
    await expect(client.connect(asking({ signal: AbortSignal.abort(new Error('enough')) }))).rejects.toThrow('enough');
  });

  it('ends with its client', async () => {
    const client = await clientOf(accepting(() => undefined));
    const { messages } = await client.connect(asking());
    const closed = once(messages, 'close');
    await client.close();
    await closed;
  });
});
