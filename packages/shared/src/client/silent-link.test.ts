import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import { createRequire } from 'node:module';
import { createConnection, createServer as createRelay } from 'node:net';
import type { AddressInfo, Server as Relay, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RestClient, WatchStream } from './client.ts';
import { ConnectionError } from './connection-error.ts';
import { createRestClient } from './rest-client.ts';

interface SocketServer {
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, done: () => void): void;
}
const { WebSocketServer } = createRequire(import.meta.url)('ws') as { WebSocketServer: new (options: object) => SocketServer };

let server: Server;
let relay: Relay;
let client: RestClient;
let isSilent: boolean;
/** What reached the server, in order. */
let seen: string[];
const sockets = new Set<Socket>();

beforeEach(async () => {
  isSilent = false;
  seen = [];
  const webSockets = new WebSocketServer({ noServer: true });
  server = createServer((request, response) => {
    seen.push(`request ${request.socket.remotePort}`);
    if (request.url !== '/never') response.end('{}');
  });
  server.on('upgrade', (request, socket, head) => {
    seen.push('watch');
    webSockets.handleUpgrade(request, socket, head, () => undefined);
  });
  const target = await listen(server);
  relay = createRelay((near) => {
    const far = createConnection(target, '127.0.0.1');
    join(near, far);
    join(far, near);
  });
  client = createRestClient({ server: `http://127.0.0.1:${await listen(relay)}`, namespace: 'default' });
});

afterEach(async () => {
  await client.close();
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  for (const each of [relay, server]) await new Promise((resolve) => each.close(resolve));
});

function listen(listener: Relay): Promise<number> {
  return new Promise((resolve) => listener.listen(0, '127.0.0.1', () => resolve((listener.address() as AddressInfo).port)));
}

/** Passes bytes on, until some come while the link is silent: from then on never again, as after a lost route. */
function join(from: Socket, to: Socket): void {
  let isDead = false;
  sockets.add(from);
  from.on('data', (data) => {
    isDead ||= isSilent;
    if (!isDead) to.write(data);
  });
  from.on('close', () => to.destroy()).on('error', () => to.destroy());
}

// The handshake has to come within the deadline too, on a machine that is busy.
const openWatch = (deadlineMs = 800): WatchStream<object> => client.watch({ path: '/pods', pingPeriodMs: 100, deadlineMs });

async function ending(watch: WatchStream<object>): Promise<unknown> {
  try {
    for await (const event of watch) void event;
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('RestClient on a link that falls silent', () => {
  it('fails requests under way as soon as a watch has noticed', async () => {
    const watch = ending(openWatch());
    const request = client.request({ path: '/never' }).catch((error: unknown) => error);
    await expect.poll(() => seen.length).toBe(2);
    isSilent = true;
    const failure = await request;
    expect(failure).toBeInstanceOf(ConnectionError);
    expect((failure as Error).message).toContain('silent for 800 ms');
    expect(await watch).toBe(failure);
  });

  it('sends what comes meanwhile, once, in the moment a watch is through again, on a new connection', async () => {
    const watch = ending(openWatch());
    await client.request({ path: '/x' });
    await expect.poll(() => seen.length).toBe(2);
    const before = [...seen];
    isSilent = true;
    await watch;
    const request = client.request({ path: '/x' });
    const failedAttempt = await ending(openWatch());
    expect(failedAttempt).toBeInstanceOf(ConnectionError);
    isSilent = false;
    openWatch();
    await request;
    expect(seen.slice(2)).toEqual(['watch', expect.stringMatching(/^request /)]);
    expect(before).not.toContain(seen.at(-1));
  });

  it('lets held requests fail at once when the server turns out to be gone', async () => {
    const watch = ending(openWatch(5_000));
    const quick = ending(openWatch());
    await expect.poll(() => seen.length).toBe(2);
    isSilent = true;
    await quick;
    const request = client.request({ path: '/x' }).catch((error: unknown) => error);
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => relay.close(resolve));
    await Promise.all([watch, ending(openWatch())]);
    expect(await request).toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('lets a held request end by its own deadline', async () => {
    const watch = ending(openWatch(5_000));
    const quick = ending(openWatch());
    await expect.poll(() => seen.length).toBe(2);
    isSilent = true;
    await quick;
    await expect(client.request({ path: '/x', timeoutMs: 10 })).rejects.toThrow('no answer within 10 ms');
    await client.close();
    await watch;
  });
});
