import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { SpdyConnection } from '@podling/shared/spdy';
import type { SpdyStream } from '@podling/shared/spdy';
import { FakeClock } from '@podling/shared/testing';
import { createLogger } from '@podling/shared/util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CriRuntime } from '../cri.ts';
import { createRemoteRuntime } from './remote-runtime.ts';
import { scriptedRuntime } from './testing/scripted-runtime.ts';
import type { ScriptedRuntime } from './testing/scripted-runtime.ts';

type Streams = Record<string, SpdyStream>;

let server: ScriptedRuntime;
let http: Server;
let runtime: CriRuntime;
let sockets: Set<Duplex>;
/** What the streaming server does once the streams that were asked for are there. */
let serve: (streams: Streams, socket: Duplex) => void;

const request = { command: ['sh'], tty: false, stdin: false, stdout: true, stderr: false };
const exitCode = (code: number) => JSON.stringify({ status: 'Failure', reason: 'NonZeroExitCode', details: { causes: [{ reason: 'ExitCode', message: String(code) }] } });

function takeStreams(socket: Duplex, count: number): void {
  const streams: Streams = {};
  const connection: SpdyConnection = new SpdyConnection(socket, {
    role: 'server',
    onStream: (stream) => {
      connection.reply(stream);
      streams[stream.headers['streamtype'] ?? ''] = stream;
      if (Object.keys(streams).length === count) serve(streams, socket);
    },
  });
}

beforeEach(async () => {
  sockets = new Set();
  serve = () => undefined;
  http = createServer((_, response) => response.writeHead(404).end('no such token'));
  http.on('upgrade', (_, socket: Duplex) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: v4.channel.k8s.io\r\n\r\n');
    takeStreams(socket, 2);
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/token`;
  server = scriptedRuntime({ Exec: { url }, Attach: { url }, PortForward: { url }, ContainerStatus: { status: { id: 'c', metadata: {}, state: 'CONTAINER_EXITED', exitCode: 9 } } });
  await server.start();
  runtime = createRemoteRuntime({ endpoint: server.endpoint, logger: createLogger('test', 'silent') });
});
afterEach(async () => {
  await runtime.close();
  server.kill();
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => http.close(resolve));
});

describe('streams of a remote runtime', () => {
  it('give what was said and the exit code, though the server resets what it is done with', async () => {
    serve = ({ stdout, error }) => {
      stdout?.write('said');
      error?.end(exitCode(7), () => stdout?.destroy());
    };
    const session = await runtime.exec('c', request);
    expect([await text(session.stdout as Readable), await session.exited]).toEqual(['said', 7]);
  });

  it('end in "unavailable" when the runtime dies in the middle', async () => {
    serve = ({ stdout }, socket) => stdout?.write('half', () => socket.end());
    const session = await runtime.exec('c', request);
    const exited = expect(session.exited).rejects.toMatchObject({ code: 'Unavailable' });
    expect(await text(session.stdout as Readable)).toBe('half');
    await exited;
  });

  it.each(['not JSON', '[]', '{"status":"Failure","reason":"NonZeroExitCode","details":{"causes":"none"}}', 'x'.repeat(100_000)])('end in an error for a status that is none', async (status) => {
    serve = ({ error }) => error?.end(status);
    const session = await runtime.exec('c', request);
    await expect(session.exited).rejects.toMatchObject({ name: 'CriError', code: 'Unknown' });
    await session.close();
  });

  it('that are attached end with the container\'s exit code', async () => {
    serve = ({ error, stdout }) => {
      stdout?.end('last words');
      error?.end();
    };
    const session = await runtime.attach('c', request);
    expect([await text(session.stdout as Readable), await session.exited]).toEqual(['last words', 9]);
  });

  it('that nobody takes are given up', async () => {
    const clock = new FakeClock();
    const patient = createRemoteRuntime({ endpoint: server.endpoint, clock, logger: createLogger('test', 'silent') });
    const asked = Promise.withResolvers<void>();
    http.removeAllListeners('upgrade');
    http.on('upgrade', (_, socket: Duplex) => {
      sockets.add(socket.on('error', () => undefined).on('close', () => sockets.delete(socket)).once('data', () => asked.resolve()).once('end', () => socket.end()));
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n');
    });
    const attaching = expect(patient.attach('c', request)).rejects.toMatchObject({ code: 'Unavailable', message: 'Attach: nobody takes the streams' });
    await asked.promise;
    await clock.advance(30_000);
    await attaching;
    await expect.poll(() => sockets.size).toBe(0);
    await patient.close();
  });

  it('are refused with the server\'s words, and unreachable where nobody listens', async () => {
    http.removeAllListeners('upgrade');
    await expect(runtime.exec('c', request)).rejects.toMatchObject({ code: 'Unknown', message: expect.stringContaining('404 no such token') as string });
    server.script.Exec = { url: 'http://127.0.0.1:1/token' };
    await expect(runtime.exec('c', request)).rejects.toMatchObject({ code: 'Unavailable', message: expect.stringContaining('the streaming server at 127.0.0.1:1 cannot be reached') as string });
  });

  it('tell why a port has no data, though its end comes before', async () => {
    serve = ({ data, error }) => void data?.end(() => setImmediate(() => setImmediate(() => error?.end('nobody listens there'))));
    await expect(text(await runtime.portForward('s', 80))).rejects.toMatchObject({ code: 'Unavailable', message: 'nobody listens there' });
  });

  it('tell the end of a port\'s data soon, and take what is sent after it', async () => {
    const heard = Promise.withResolvers<string>();
    serve = ({ data, error }) => {
      data?.end();
      void text(data as SpdyStream).then((said) => {
        heard.resolve(said);
        error?.end();
      });
    };
    const connection = await runtime.portForward('s', 80);
    expect(await text(connection)).toBe('');
    connection.end('said afterwards');
    expect(await heard.promise).toBe('said afterwards');
    await expect.poll(() => connection.destroyed).toBe(true);
  });

  it('that have not been answered end when the runtime is closed', async () => {
    http.removeAllListeners('upgrade').on('upgrade', (_, socket: Duplex) => void sockets.add(socket));
    const opening = expect(runtime.exec('c', request)).rejects.toMatchObject({ code: 'Unavailable' });
    await expect.poll(() => sockets.size).toBe(1);
    await runtime.close();
    await opening;
  });

  it('leave no connection behind when they are closed, or the runtime is', async () => {
    const session = await runtime.exec('c', request);
    await session.close();
    await expect(session.exited).rejects.toMatchObject({ code: 'Unavailable' });
    const connection = await runtime.portForward('s', 80);
    connection.on('error', () => undefined).resume();
    await runtime.close();
    await expect.poll(() => sockets.size).toBe(0);
  });
});
