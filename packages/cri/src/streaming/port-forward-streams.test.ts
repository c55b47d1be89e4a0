import { duplexPair } from 'node:stream';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { SpdyConnection } from '@podling/shared/spdy';
import { FakeClock, settle } from '@podling/shared/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { PortForwardStreams } from './port-forward-streams.ts';

const connections: SpdyConnection[] = [];
afterEach(() => {
  for (const connection of connections.splice(0)) connection.close();
});

function connect(dial: () => Promise<Duplex>, clock = new FakeClock()): SpdyConnection {
  const sockets = duplexPair();
  const streams = new PortForwardStreams(dial, clock);
  const server: SpdyConnection = new SpdyConnection(sockets[1], { role: 'server', onStream: (stream) => streams.add(server, stream) });
  void server.closed.then(() => streams.close());
  const client = new SpdyConnection(sockets[0], { role: 'client' });
  connections.push(client, server);
  return client;
}

const refuse = (): Promise<never> => Promise.reject(new Error('connection refused'));

/** A client that forwards one port; `pod` is the other end of what is dialled for it. */
function forwarding() {
  const clock = new FakeClock();
  const [dialled, pod] = duplexPair();
  const client = connect(async () => dialled, clock);
  const about = { port: '80', requestid: '1' };
  const [error, data] = [client.open({ ...about, streamtype: 'error' }), client.open({ ...about, streamtype: 'data' })];
  error.end();
  return { clock, client, data, dialled: dialled as Duplex, pod: pod as Duplex };
}

describe('PortForwardStreams', () => {
  it.each(['connection', 'stream'])('give a pod that holds its end on a while only, once the client has ended its %s', async (what) => {
    const { clock, client, data, dialled, pod } = forwarding();
    data.write('last words');
    await data.accepted;
    const heard = text(pod);
    await settle();
    if (what === 'connection') client.close();
    else data.destroy();
    expect(await heard).toBe('last words');
    expect(dialled.destroyed).toBe(false);
    await clock.advance(10_000);
    await settle();
    expect(dialled.destroyed).toBe(true);
  });

  it('wait for no second stream of a pair whose connection has ended', async () => {
    const clock = new FakeClock();
    const client = connect(refuse, clock);
    await client.open({ port: '80', requestid: '1', streamtype: 'data' }).accepted;
    expect(clock.pendingTimers).toBe(1);
    client.close();
    await settle();
    expect(clock.pendingTimers).toBe(0);
  });

  it('wait for the answer to a client that has only ended what it says', async () => {
    const { clock, data, dialled, pod } = forwarding();
    data.end('question');
    expect(await text(pod)).toBe('question');
    await clock.advance(60_000);
    expect(dialled.destroyed).toBe(false);
    pod.end('answer');
    expect(await text(data)).toBe('answer');
  });

  it('say on the other stream why a port cannot be reached', async () => {
    const client = connect(refuse);
    const about = { port: '81', requestid: '1' };
    const [error, data] = [client.open({ ...about, streamtype: 'error' }), client.open({ ...about, streamtype: 'data' })];
    expect([await text(error), await text(data)]).toEqual(['error forwarding port 81: connection refused', '']);
  });

  it('let go of a stream whose other one does not come', async () => {
    const clock = new FakeClock();
    const data = connect(refuse, clock).open({ streamtype: 'data', port: '80', requestid: '1' });
    await data.accepted;
    await clock.advance(30_000);
    await text(data);
    expect(data.lost).toBeInstanceOf(Error);
  });

  it.each([{ port: 'http' }, { requestid: '' }, { streamtype: 'more' }])('take no stream with %j', async (wrong) => {
    await expect(connect(refuse).open({ streamtype: 'data', port: '80', requestid: '1', ...wrong }).accepted).rejects.toThrow('reset');
  });
});
