import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { SpdyConnection } from '@podling/shared/spdy';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createWebSocketStream } from 'ws';
import { UpgraderBench } from './testing/upgrader-bench.ts';

const MiB = 1024 * 1024;
const patience = { timeout: 15_000 };

let bench: UpgraderBench;
let pod: Server;
let serve: (socket: Socket) => void;
const inPod = new Set<Socket>();

beforeEach(async () => {
  serve = (socket) => socket.pipe(socket);
  pod = createServer({ allowHalfOpen: true }, (socket) => {
    inPod.add(socket.on('error', () => undefined).once('close', () => inPod.delete(socket)));
    serve(socket);
  });
  pod.listen(0, '127.0.0.1');
  bench = new UpgraderBench();
  await Promise.all([once(pod, 'listening'), bench.start()]);
  bench.request = { kind: 'portforward', ports: [80, 81], dial };
});

afterEach(async () => {
  await bench.stop();
  for (const socket of inPod) socket.destroy();
  pod.close();
});

/** Port 80 of the pod is open, any other is not. */
async function dial(port: number): Promise<Duplex> {
  if (port !== 80) throw new Error('connection refused');
  const socket = connect({ port: (pod.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true });
  await once(socket, 'connect');
  return socket;
}

async function tunnel(): Promise<{ spdy: SpdyConnection; terminate: () => void }> {
  const socket = await bench.tunnel();
  return { spdy: new SpdyConnection(createWebSocketStream(socket), { role: 'client' }), terminate: () => socket.terminate() };
}

function forward(spdy: SpdyConnection, port: number, requestid = '1') {
  const about = { port: String(port), requestid };
  const error = spdy.open({ ...about, streamtype: 'error' });
  error.end();
  return { error, data: spdy.open({ ...about, streamtype: 'data' }) };
}

describe('ports in a tunnel', () => {
  it('are connections side by side, each with an end of its own', async () => {
    const { spdy } = await tunnel();
    const forwards = Array.from({ length: 20 }, (_, index) => forward(spdy, 80, String(index)));
    for (const [index, { data }] of forwards.entries()) data.end(`question ${index}`);
    expect(await Promise.all(forwards.map(({ data }) => text(data)))).toEqual(forwards.map((_, index) => `question ${index}`));
    expect(await Promise.all(forwards.map(({ error }) => text(error)))).toEqual(forwards.map(() => ''));
    await vi.waitFor(() => expect(inPod.size).toBe(0), patience);
  });

  it('say what goes wrong with one, and leave the others alone', async () => {
    const { spdy } = await tunnel();
    const [good, bad] = [forward(spdy, 80, '1'), forward(spdy, 81, '2')];
    expect(await text(bad.error)).toBe('error forwarding port 81: connection refused');
    good.data.end('still there');
    expect(await text(good.data)).toBe('still there');
  });

  it('push back on whoever sends more than the other reads', async () => {
    serve = (socket) => void socket.pause();
    const { spdy } = await tunnel();
    const { data } = forward(spdy, 80);
    let sent = 0;
    const fill = (): void => {
      for (let takesMore = sent < 24 * MiB; takesMore; takesMore = data.write(Buffer.alloc(64 * 1024))) sent += 64 * 1024;
    };
    data.on('drain', fill);
    fill();
    await vi.waitFor(() => expect(inPod.size).toBe(1), patience);
    let [before, stuck] = [-1, 0];
    await vi.waitFor(() => {
      stuck = sent === before ? stuck + 1 : 0;
      before = sent;
      expect(stuck).toBeGreaterThan(4);
    }, { interval: 100, ...patience });
    expect(sent).toBeLessThan(20 * MiB);
    for (const socket of inPod) socket.resume();
    await vi.waitFor(() => expect(sent).toBeGreaterThanOrEqual(24 * MiB), patience);
  });

  it('end in the pod when the client goes without a word', async () => {
    const { spdy, terminate } = await tunnel();
    const { data } = forward(spdy, 80);
    data.write('hello');
    await once(data, 'data');
    terminate();
    await vi.waitFor(() => expect([inPod.size, bench.connections]).toEqual([0, 0]), patience);
  });

  it('end in the pod when a client that is gone had said more than the pod reads', async () => {
    serve = (socket) => void socket.pause();
    const { spdy, terminate } = await tunnel();
    const { data } = forward(spdy, 80);
    for (let sent = 0; sent < 16; sent += 1) data.write(Buffer.alloc(MiB));
    await vi.waitFor(() => expect(inPod.size).toBe(1), patience);
    terminate();
    await vi.waitFor(async () => {
      await bench.clock.advance(5_000);
      expect(bench.connections).toBe(0);
      expect([...inPod].every((socket) => socket.resume().readableEnded || socket.destroyed)).toBe(true);
    }, patience);
  });

  it('survive noise', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ minLength: 1, maxLength: 200 }), { minLength: 1, maxLength: 10 }), async (noise) => {
        const socket = await bench.tunnel();
        for (const bytes of noise) socket.send(bytes);
        socket.close();
        await once(socket, 'close');
      }),
      { numRuns: 25 },
    );
    await vi.waitFor(() => expect(bench.connections).toBe(0), patience);
    const { spdy } = await tunnel();
    const { data } = forward(spdy, 80);
    data.end('alive');
    expect(await text(data)).toBe('alive');
  });
});

describe('ports in the v4 channel form', () => {
  const port = (number: number): Buffer => Buffer.from([number & 0xff, number >> 8]);

  it('are two channels each, which begin with their number; all end, and the socket does', async () => {
    serve = (socket) => socket.once('data', (data: Buffer) => socket.end(`pod: ${data.toString()}`));
    const client = await bench.channels('v4.channel.k8s.io');
    client.say(0, 'hi');
    expect(await client.closed).toBe(1000);
    expect(client.bytes(0)).toEqual(Buffer.concat([port(80), Buffer.from('pod: hi')]));
    expect(client.bytes(1)).toEqual(port(80));
    expect(client.bytes(2)).toEqual(port(81));
    expect(client.bytes(3)).toEqual(Buffer.concat([port(81), Buffer.from('error forwarding port 81: connection refused')]));
    await vi.waitFor(() => expect(inPod.size).toBe(0), patience);
  });

  it('end in the pod with a client that goes', async () => {
    const client = await bench.channels('v4.channel.k8s.io');
    client.say(0, 'hi');
    await vi.waitFor(() => expect(client.heard(0)).toContain('hi'), patience);
    client.socket.terminate();
    await vi.waitFor(async () => {
      await bench.clock.advance(1_000);
      expect([inPod.size, bench.connections]).toEqual([0, 0]);
    }, patience);
  });

  it('survive messages for channels that are none', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 10 }), async (messages) => {
        const client = await bench.channels('v4.channel.k8s.io');
        for (const message of messages) client.socket.send(message);
        client.say(0, 'still');
        await vi.waitFor(() => expect(client.heard(0)).toContain('still'), patience);
        client.socket.close();
        await client.closed;
      }),
      { numRuns: 15 },
    );
  });

  it.each([
    [[], 'query parameter "port" is required'],
    [Array.from({ length: 128 }, (_, index) => index + 1), 'no more than 127 ports'],
  ])('are refused for ports that do not fit', async (ports, why) => {
    bench.request = { kind: 'portforward', ports, dial };
    const { answer, text: body } = await bench.upgrade({ upgrade: 'websocket', 'sec-websocket-protocol': 'v4.channel.k8s.io' });
    expect([answer.statusCode, body]).toEqual([400, expect.stringContaining(why)]);
  });
});
