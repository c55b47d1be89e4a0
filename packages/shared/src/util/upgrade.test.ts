import { once } from 'node:events';
import { createServer, request as send } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isUpgrade, takeOver, UpgradedConnections } from './upgrade.ts';

type Listener = ConstructorParameters<typeof UpgradedConnections>[1];

let server: Server;
let upgraded: UpgradedConnections;
let serve: Listener;

beforeEach(async () => {
  const listener: Listener = (request, response) => serve(request, response);
  server = createServer(listener);
  upgraded = new UpgradedConnections(server, listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  upgraded.closeAll();
  await new Promise((resolve) => server.close(resolve));
});

function ask() {
  const outgoing = send({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, headers: { connection: 'Upgrade', upgrade: 'test' } });
  outgoing.end();
  return outgoing;
}

async function upgrade(): Promise<Socket> {
  const [, socket] = (await once(ask(), 'upgrade')) as [unknown, Socket];
  return socket.on('error', () => undefined).resume();
}

const accept = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\n';

describe('an upgrade', () => {
  it('is answered as any request until it is taken over', async () => {
    serve = (request, response) => response.writeHead(403).end(`upgrade: ${isUpgrade(request)}`);
    const outgoing = ask();
    const [answer] = (await once(outgoing, 'response')) as [NodeJS.ReadableStream];
    expect(await text(answer)).toBe('upgrade: true');
  });

  it('is closed when what serves it fails and answers all the same', async () => {
    const failed = Promise.withResolvers<void>();
    serve = (request, response) => {
      takeOver(request, response).wire.write(accept);
      void failed.promise.then(() => response.writeHead(500).end('it has failed'));
    };
    const socket = await upgrade();
    const said = text(socket);
    failed.resolve();
    expect(await said.catch(() => '')).toBe('');
    expect(socket.destroyed).toBe(true);
  });

  it('is closed with the server', async () => {
    serve = (request, response) => void takeOver(request, response).wire.write(accept);
    const socket = await upgrade();
    const closed = once(socket, 'close');
    upgraded.closeAll();
    await closed;
  });
});
