import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { FakeClock } from '@podling/shared/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answerOf, joinUpgraded } from './upgraded.ts';

/** A connection: our end, and the one of whoever we speak with. */
interface Line {
  own: Socket;
  other: Socket;
}

let server: Server;
let lines: Line[];

beforeEach(async () => {
  lines = [];
  server = createServer({ allowHalfOpen: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  for (const { own, other } of lines) [own, other].forEach((socket) => socket.destroy());
  await new Promise((resolve) => server.close(resolve));
});

async function line(): Promise<Line> {
  const accepted = once(server, 'connection');
  const other = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => undefined);
  const [own] = (await accepted) as [Socket];
  const made = { own: own.on('error', () => undefined), other };
  lines.push(made);
  return made;
}

const answer = { statusMessage: 'Switching Protocols', headers: { upgrade: 'test' } } as unknown as IncomingMessage;
const none = Buffer.alloc(0);

async function joined() {
  const [far, client] = [await line(), await line()];
  const over = joinUpgraded(answer, { wire: far.own, head: Buffer.from('first') }, () => ({ wire: client.own, head: none }));
  const [said] = (await once(client.other, 'data')) as [Buffer];
  return { far, client, over, said: String(said) };
}

const closed = async ({ own, other }: Line): Promise<void> => {
  await Promise.all([own, other.resume()].map(async (socket) => socket.closed || new Promise((resolve) => socket.once('close', resolve))));
};

describe('an answer', () => {
  it('is not waited for without end', async () => {
    const [clock, asked] = [new FakeClock(), once(server, 'connection')];
    const outgoing = request({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, agent: false });
    const waiting = expect(answerOf(outgoing, 30_000, clock)).rejects.toThrow('no answer in time');
    outgoing.end();
    const [socket] = (await asked) as [Socket];
    await once(socket, 'data');
    await clock.advance(29_999);
    expect(outgoing.destroyed).toBe(false);
    await clock.advance(1);
    await waiting;
    expect(clock.pendingTimers).toBe(0);
    socket.destroy();
  });
});

describe('two ends of an upgrade', () => {
  it('hear the 101, and what was said with it', async () => {
    const { said, client, far } = await joined();
    expect(said).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\nupgrade: test\r\n\r\n/);
    client.other.write('question');
    expect(String((await once(far.other, 'data'))[0])).toBe('question');
  });

  it.each(['far', 'client'] as const)('both end when the %s one breaks', async (which) => {
    const { [which]: broken, far, client, over } = await joined();
    broken.other.resetAndDestroy();
    await Promise.all([over, closed(far), closed(client)]);
  });

  it('both end when an error comes up between them', async () => {
    const { far, client, over } = await joined();
    far.own.destroy(new Error('no memory'));
    await Promise.all([over, closed(far), closed(client)]);
  });

  it('leave nothing open when the client cannot be had any more', async () => {
    const far = await line();
    const taking = (): never => {
      throw new Error('it has gone');
    };
    await expect(joinUpgraded(answer, { wire: far.own, head: none }, taking)).rejects.toThrow('it has gone');
    await closed(far);
  });
});
