import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { afterAll, describe, expect, it } from 'vitest';
import { FakeClock } from '@podling/shared/testing';
import { pods, useTestServer } from '../testing/test-server.ts';
import type { TestServer } from '../testing/test-server.ts';
import { transports } from '../testing/open-watch.ts';

const spec = { containers: [{ name: 'main', image: 'x', command: ['x'.repeat(1_000_000)] }] };

/** A client that asks for a watch and never reads. */
async function deafWatcher(server: TestServer, upgrade: boolean): Promise<Socket> {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  socket.pause();
  const handshake = upgrade ? 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n' : '';
  socket.write(`GET ${pods}?watch=true HTTP/1.1\r\nHost: ${hostname}\r\n${handshake}\r\n`);
  return socket;
}

describe.each([['chunked', false], ['websocket', true]] as const)('a client that does not read its %s watch', (_transport, upgrade) => {
  const clock = new FakeClock();
  const server = useTestServer({ clock });
  const sockets: Socket[] = [];
  const watches = async (): Promise<number> => {
    const { body } = await server.send<string>('GET', '/metrics');
    return Number(/^apiserver_longrunning_requests\{[^}]*resource="pods"[^}]*\} (\d+)$/m.exec(body)?.[1]);
  };
  afterAll(() => sockets.forEach((socket) => socket.destroy()));

  it('is cut off, and delays nobody', async () => {
    const deaf = await deafWatcher(server, upgrade);
    sockets.push(deaf);
    const lively = await transports.chunked(`${server.url}${pods}?watch=true`);
    for (let count = 0; count < 12; count += 1) await server.createPod(`large-${count}`, { spec });
    for (let count = 0; count < 12; count += 1) expect((await lively.next())?.object.metadata.name).toBe(`large-${count}`);
    await expect.poll(async () => {
      await clock.advance(2000);
      return watches();
    }, { timeout: 10_000 }).toBe(1);
    deaf.on('error', () => undefined).resume();
    await once(deaf, 'close');
    await server.createPod('after');
    expect((await lively.next())?.object.metadata.name).toBe('after');
    lively.close();
  });
});

describe('events', () => {
  const server = useTestServer({ eventTtlSeconds: 1 });

  it('vanish when their time since the last write is over', async () => {
    const path = '/api/v1/namespaces/default/events';
    const { code } = await server.send('POST', path, { body: { metadata: { name: 'e' }, involvedObject: { kind: 'Pod', namespace: 'default', name: 'p' }, reason: 'Started' } });
    expect(code).toBe(201);
    const watching = await transports.chunked(`${server.url}${path}?watch=true`);
    expect((await watching.next())?.type).toBe('ADDED');
    expect(await watching.next()).toMatchObject({ type: 'DELETED', object: { metadata: { name: 'e' } } });
    expect((await server.send('GET', `${path}/e`)).code).toBe(404);
    watching.close();
  });
});
