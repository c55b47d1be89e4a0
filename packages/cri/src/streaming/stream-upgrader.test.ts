import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { SpdyConnection } from '@podling/shared/spdy';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CriError } from '../cri.ts';
import { UpgraderBench } from './testing/upgrader-bench.ts';

const MiB = 1024 * 1024;
const patience = { timeout: 15_000 };
const outputs = { tty: false, stdin: false, stdout: true, stderr: true };
const all = { ...outputs, stdin: true };
const terminal = { tty: true, stdin: true, stdout: true, stderr: false };

let bench: UpgraderBench;
beforeEach(async () => {
  bench = new UpgraderBench({ startFailureExits: true, idleTimeoutMs: 60_000 });
  await bench.start();
});
afterEach(() => bench.stop());

const heard = <T>(read: () => T, wanted: T): Promise<void> => vi.waitFor(() => expect(read()).toEqual(wanted), patience);

describe('a command over a WebSocket', () => {
  it.each(['v5.channel.k8s.io', 'v4.channel.k8s.io'])('has its streams, and ends with its exit code, in %s', async (protocol) => {
    const session = bench.command(all);
    const client = await bench.channels(protocol);
    client.say(0, 'typed');
    session.stdin?.once('data', (data: Buffer) => session.stdout?.write(`got ${data.toString()}`));
    session.stderr?.write('warning');
    await heard(() => [client.heard(1), client.heard(2)], ['got typed', 'warning']);
    session.exit(7);
    expect(await client.closed).toBe(1000);
    expect(client.status).toMatchObject({ status: 'Failure', reason: 'NonZeroExitCode', details: { causes: [{ reason: 'ExitCode', message: '7' }] } });
    expect(session.closes).toBeGreaterThan(0);
  });

  it('ends well with exit code 0', async () => {
    const session = bench.command(outputs);
    const client = await bench.channels();
    session.exit(0);
    await client.closed;
    expect(client.status).toEqual({ metadata: {}, status: 'Success' });
  });

  it('has an end of its stdin of its own in v5, after which it still speaks', async () => {
    const session = bench.command(all);
    const client = await bench.channels();
    client.say(0, 'all of it');
    client.say(255, Buffer.from([0]));
    client.say(0, 'too late');
    expect(await text(session.stdin as NonNullable<typeof session.stdin>)).toBe('all of it');
    session.stdout?.write('read');
    await heard(() => client.heard(1), 'read');
  });

  it('is written in base64 for those who send text alone', async () => {
    const session = bench.command(all);
    const socket = await bench.websocket(['v4.base64.channel.k8s.io']);
    const said: string[] = [];
    socket.on('message', (message: Buffer) => said.push(message.toString()));
    socket.send(`0${Buffer.from('typed').toString('base64')}`);
    session.stdin?.pipe(session.stdout as NonNullable<typeof session.stdout>);
    await vi.waitFor(() => expect(said).toContain(`1${Buffer.from('typed').toString('base64')}`), patience);
  });

  it('tells the process its size, the last one that came before it too', async () => {
    const session = bench.command(terminal);
    const opened = Promise.withResolvers<void>();
    bench.request = { kind: 'exec', streams: terminal, open: () => opened.promise.then(() => session) };
    const client = await bench.channels();
    for (const size of ['{"Width":80,"Height":24}', '{"Width":0,"Height":1}', '{', '{"Width":120,"Height":40}']) client.say(4, size);
    client.socket.ping();
    await once(client.socket, 'pong');
    opened.resolve();
    await heard(() => session.sizes, [{ width: 120, height: 40 }]);
    client.say(4, '{"Width":100,"Height":30}');
    await vi.waitFor(() => expect(session.sizes.at(-1)).toEqual({ width: 100, height: 30 }), patience);
  });

  it('has the size that came last, though the one before takes longer', async () => {
    const session = bench.command(terminal);
    const slow = Promise.withResolvers<void>();
    const applied: number[] = [];
    session.resize = async ({ width }) => {
      if (width === 1) await slow.promise;
      applied.push(width);
    };
    const client = await bench.channels();
    for (const width of [1, 2, 3]) client.say(4, `{"Width":${width},"Height":1}`);
    client.socket.ping();
    await once(client.socket, 'pong');
    slow.resolve();
    await heard(() => applied, [1, 3]);
  });

  it.each([
    ['executable file not found in $PATH', '127'],
    ['stat /nope: no such file or directory', '127'],
    ['permission denied', '126'],
  ])('that cannot be started says "%s" on stderr and exits with %s', async (why, code) => {
    bench.request = { kind: 'exec', streams: all, open: () => Promise.reject(new CriError('StartError', `exec failed: ${why}`)) };
    const client = await bench.channels();
    await client.closed;
    expect(client.heard(2)).toBe(`exec failed: ${why}\n`);
    expect(client.status).toMatchObject({ reason: 'NonZeroExitCode', details: { causes: [{ message: code }] } });
  });

  it('that is known not to have started when its outputs have ended says so all the same', async () => {
    const session = bench.command(all);
    const client = await bench.channels();
    session.fail(new CriError('StartError', 'permission denied'));
    await client.closed;
    expect([client.heard(2), client.heard(3)]).toEqual(['permission denied\n', expect.stringContaining('"message":"126"')]);
  });

  it('says why it fails, also in the middle', async () => {
    bench.request = { kind: 'exec', streams: all, open: () => Promise.reject(new CriError('InvalidArgument', 'container is not running')) };
    const refused = await bench.channels();
    await refused.closed;
    expect(refused.status).toMatchObject({ status: 'Failure', reason: 'InternalError', code: 500, message: expect.stringContaining('container is not running') as string });
    const session = bench.command(all);
    const client = await bench.channels();
    session.fail(new CriError('Unavailable', 'nobody can tell'));
    await client.closed;
    expect(client.status).toMatchObject({ message: expect.stringContaining('nobody can tell') as string });
  });

  it('is closed with a client that goes without a word', async () => {
    const session = bench.command(all);
    const client = await bench.channels();
    client.socket.terminate();
    await heard(() => session.closes, 1);
    session.fail(new Error('killed'));
    await heard(() => bench.connections, 0);
  });

  it('is closed with a client that breaks the rules, who is told', async () => {
    const session = bench.command(all);
    const client = await bench.channels();
    client.say(0, Buffer.alloc(2 * MiB));
    expect(await client.closed).toBe(1009);
    await heard(() => session.closes, 1);
  });

  it('makes a client wait that says more than it reads', async () => {
    const session = bench.command(all);
    const client = await bench.channels();
    for (let sent = 0; sent < 24; sent += 1) client.say(0, Buffer.alloc(MiB - 1));
    await vi.waitFor(() => expect(session.stdin?.writableNeedDrain).toBe(true), patience);
    expect(client.socket.bufferedAmount).toBeGreaterThan(8 * MiB);
    let bytes = 0;
    for await (const chunk of session.stdin as AsyncIterable<Buffer>) if ((bytes += chunk.length) === 24 * (MiB - 1)) break;
    expect(bytes).toBe(24 * (MiB - 1));
  });

  it('waits for a client that does not read', async () => {
    const session = bench.command(outputs);
    const client = await bench.channels();
    client.socket.pause();
    const stdout = session.stdout as NonNullable<typeof session.stdout>;
    let written = 0;
    while (stdout.write(Buffer.alloc(64 * 1024, 'x'))) written += 1;
    await vi.waitFor(async () => {
      const taken = await new Promise((resolve) => setImmediate(() => resolve(stdout.writableNeedDrain)));
      if (taken === false) while (stdout.write(Buffer.alloc(64 * 1024, 'x'))) written += 1;
      expect(written).toBeGreaterThan(10);
    }, patience);
    expect(written).toBeLessThan(1_000);
    client.socket.resume();
    session.exit(0);
    await client.closed;
    expect(client.bytes(1).length).toBeGreaterThanOrEqual(written * 64 * 1024);
  });

  it('survives whatever it is sent', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }), async (messages) => {
        const session = bench.command(terminal);
        session.stdin?.resume();
        const client = await bench.channels();
        for (const message of messages) client.socket.send(message);
        client.socket.ping();
        await once(client.socket, 'pong');
        session.exit(0);
        expect(await client.closed).toBe(1000);
      }),
      { numRuns: 25 },
    );
  });
});

describe('a command over SPDY', () => {
  it('has a stream for each of its own and one for how it ends', async () => {
    const session = bench.command(all);
    const { answer, socket } = await bench.upgrade({ upgrade: 'SPDY/3.1', 'x-stream-protocol-version': 'v4.channel.k8s.io' });
    expect([answer.statusCode, answer.headers['x-stream-protocol-version']]).toEqual([101, 'v4.channel.k8s.io']);
    const connection = new SpdyConnection(socket as NonNullable<typeof socket>, { role: 'client' });
    const [error, stdin, stdout, stderr] = ['error', 'stdin', 'stdout', 'stderr'].map((streamtype) => connection.open({ streamtype })) as [never, never, never, never];
    (stdin as NodeJS.WritableStream).end('typed');
    session.stdin?.pipe(session.stdout as NonNullable<typeof session.stdout>);
    session.stdin?.once('end', () => session.exit(3));
    expect(await text(stdout)).toBe('typed');
    expect([await text(stderr), JSON.parse(await text(error))]).toEqual(['', expect.objectContaining({ reason: 'NonZeroExitCode' })]);
  });
});

describe('an upgrade', () => {
  it.each([
    ['a protocol of another kind', { upgrade: 'h2c' }, 400, 'SPDY/3.1 and websocket'],
    ['no subprotocol', { upgrade: 'websocket', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==', 'sec-websocket-version': '13' }, 403, 'unable to negotiate protocol'],
    ['an unknown subprotocol', { upgrade: 'websocket', 'sec-websocket-protocol': 'v9.channel.k8s.io' }, 403, 'client supports [v9.channel.k8s.io]'],
    ['one for ports', { upgrade: 'websocket', 'sec-websocket-protocol': 'SPDY/3.1+portforward.k8s.io' }, 403, 'unable to negotiate protocol'],
    ['SPDY without a protocol', { upgrade: 'SPDY/3.1' }, 403, 'unable to negotiate protocol'],
    ['a WebSocket by POST', { upgrade: 'websocket', 'sec-websocket-protocol': 'v4.channel.k8s.io' }, 405, ''],
  ])('to %s is refused, and its connection closed', async (_what, headers, code, why) => {
    bench.command(outputs);
    const { answer, text: body } = await bench.upgrade(headers as Record<string, string>);
    expect([answer.statusCode, body.includes(why)]).toEqual([code, true]);
    await heard(() => bench.connections, 0);
  });
});

describe('the liveness of a connection', () => {
  it('ends one whose client answers no ping', async () => {
    const session = bench.command(outputs);
    const client = await bench.channels('v5.channel.k8s.io', { autoPong: false });
    const pinged = once(client.socket, 'ping');
    await bench.clock.advance(20_000);
    await pinged;
    expect(session.closes).toBe(0);
    await bench.clock.advance(20_000);
    expect(await client.closed).toBe(1006);
    await heard(() => session.closes, 1);
  });

  it('ends one on which nothing is said for long, and not before', async () => {
    const session = bench.command(all);
    const client = await bench.channels();
    session.stdout?.write('word');
    await heard(() => client.heard(1), 'word');
    const beat = async (): Promise<void> => {
      const pinged = once(client.socket, 'ping');
      await bench.clock.advance(20_000);
      await pinged;
      client.socket.ping();
      await once(client.socket, 'pong');
    };
    await beat();
    session.stdout?.write('another');
    await heard(() => client.heard(1), 'wordanother');
    for (let beats = 0; beats < 3; beats += 1) await beat();
    expect(session.closes).toBe(0);
    await bench.clock.advance(20_000);
    await client.closed;
    await heard(() => session.closes, 1);
    expect(bench.clock.pendingTimers).toBe(0);
  });
});
