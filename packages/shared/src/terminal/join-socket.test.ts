import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { joinSocket } from './join-socket.ts';

/** A client, and the socket that is joined. */
async function connection(): Promise<{ client: Socket; socket: Socket }> {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const client = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true });
  const [socket] = await accepted;
  onTestFinished(() => {
    for (const one of [client, socket]) one.destroy();
    server.close();
  });
  return { client, socket };
}

/** Answers what it was told, when it has been told all. */
function parrot(): Duplex {
  let heard = '';
  return new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _, done) => void done((heard += chunk.toString(), null)),
    final(done) {
      this.push(`heard ${heard}`);
      this.push(null);
      done();
    },
  });
}

describe('joinSocket', () => {
  it('passes on the end of each direction by itself', async () => {
    const { client, socket } = await connection();
    const joined = joinSocket(socket, parrot());
    client.end('hello');
    expect([await text(client), await joined]).toEqual(['heard hello', undefined]);
  });

  it('tells what went wrong at the far end, and hangs up', async () => {
    const { client, socket } = await connection();
    const far = parrot();
    const joined = joinSocket(socket, far);
    far.destroy(new Error('nobody listens'));
    expect([await text(client).catch(() => ''), (await joined)?.message]).toEqual(['', 'nobody listens']);
  });

  it('gives up the far end with a near one that hangs up', async () => {
    const { client, socket } = await connection();
    const far = parrot();
    const joined = joinSocket(socket, far);
    client.resetAndDestroy();
    expect([await joined, far.destroyed]).toEqual([undefined, true]);
    const late = parrot();
    expect([await joinSocket(socket, late), late.destroyed]).toEqual([undefined, true]);
  });
});
