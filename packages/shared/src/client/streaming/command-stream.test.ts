import { duplexPair } from 'node:stream';
import type { Duplex } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { settle } from '../../testing/index.ts';
import type { ConnectOptions } from '../client.ts';
import { openCommandStream } from './command-stream.ts';
import type { CommandStream, CommandStreamOptions } from './command-stream.ts';

const everything = { path: '/exec', stdin: true, stdout: true, stderr: true, tty: false };
const success = JSON.stringify({ status: 'Success' });
const exited = (code: string): string => JSON.stringify({ status: 'Failure', reason: 'NonZeroExitCode', details: { causes: [{ reason: 'ExitCode', message: code }] } });

interface Session {
  stream: CommandStream;
  server: Duplex;
  asked: ConnectOptions;
  say(channel: number, data: string | Buffer): void;
}

async function open(options: Partial<CommandStreamOptions> = {}, protocol = 'v5.channel.k8s.io'): Promise<Session> {
  const [messages, server] = duplexPair({ objectMode: true });
  let asked: ConnectOptions | undefined;
  const connect = async (connectOptions: ConnectOptions) => {
    asked = connectOptions;
    return { protocol, messages };
  };
  const stream = await openCommandStream({ connect }, { ...everything, ...options });
  const say = (channel: number, data: string | Buffer): void => void server.write(Buffer.concat([Buffer.of(channel), Buffer.from(data)]));
  return { stream, server, asked: asked as ConnectOptions, say };
}

async function firstMessages(server: Duplex, count: number): Promise<Buffer[]> {
  const messages: Buffer[] = [];
  for await (const message of server) if (messages.push(message as Buffer) === count) break;
  return messages;
}

describe('a command stream', () => {
  it('asks for what is wanted, a tty with one output', async () => {
    const { asked } = await open({ command: ['ls', '-l'], container: 'web' });
    expect(asked.query).toEqual({ command: ['ls', '-l'], container: 'web', stdin: true, stdout: true, stderr: true, tty: undefined });
    const { asked: tty, stream } = await open({ tty: true });
    expect(tty.query).toMatchObject({ tty: true, stderr: undefined });
    expect(stream.stderr).toBeUndefined();
  });

  it('offers v4, which cannot end an input, only where none needs ending', async () => {
    const offered = async (options: Partial<CommandStreamOptions>) => (await open(options)).asked.protocols;
    expect([await offered({}), await offered({ stdin: false }), await offered({ tty: true })]).toEqual([
      ['v5.channel.k8s.io'], ['v5.channel.k8s.io', 'v4.channel.k8s.io'], ['v5.channel.k8s.io', 'v4.channel.k8s.io'],
    ]);
  });

  it('parts the outputs and says how it ended', async () => {
    const { stream, server, say } = await open();
    say(1, '');
    say(1, 'out');
    say(2, 'err');
    say(1, 'put');
    say(3, exited('3'));
    server.end();
    expect(await Promise.all([text(stream.stdout!), text(stream.stderr!), stream.ended])).toEqual(['output', 'err', 3]);
  });

  it('ends the input, in messages that servers take', async () => {
    const { stream, server } = await open();
    stream.stdin!.end(Buffer.alloc(100_000, 'x'));
    const messages = await firstMessages(server, 3);
    expect(messages.map((message) => [message[0], message.length])).toEqual([[0, 65_537], [0, 100_001 - 65_536], [255, 2]]);
    expect(messages.at(-1)?.[1]).toBe(0);
  });

  it('tells the size of the terminal', async () => {
    const { stream, server } = await open({ tty: true });
    stream.resize({ width: 80, height: 24 });
    expect(String(await firstMessages(server, 1))).toBe('\u0004{"Width":80,"Height":24}');
  });

  it('holds the server up while an output is not read, and loses nothing', async () => {
    const { stream, server, say } = await open();
    const chunk = Buffer.alloc(60_000, 'x');
    let sent = 0;
    for (; !server.writableNeedDrain && sent < 1_000; sent += 1) {
      say(1, chunk);
      await settle();
    }
    expect(sent).toBeLessThan(100);
    say(3, success);
    server.end();
    stream.stderr!.resume();
    expect((await buffer(stream.stdout!)).length).toBe(sent * chunk.length);
    expect(await stream.ended).toBe(0);
  });

  it('drops what is said to an output that is read no more', async () => {
    const { stream, server, say } = await open();
    stream.stdout!.destroy();
    stream.stderr!.resume();
    for (let i = 0; i < 100; i += 1) say(1, Buffer.alloc(60_000));
    say(3, success);
    server.end();
    expect(await stream.ended).toBe(0);
  });

  it.each([
    ['what the server says', JSON.stringify({ status: 'Failure', reason: 'InternalError', message: 'Internal error occurred: no' }), /^Internal error occurred: no$/],
    ['nonsense', '{', /^error stream protocol error: /],
    ['an exit code that is none', exited('many'), /invalid exit code value "many"/],
    ['no exit code', JSON.stringify({ status: 'Failure', reason: 'NonZeroExitCode' }), /no ExitCode cause given/],
    ['nothing', '', /^error reading from error stream: the connection was closed/],
  ])('fails with %s', async (_what, status, message) => {
    const { stream, server, say } = await open();
    if (status !== '') say(3, status);
    server.end();
    stream.stdout!.resume();
    await expect(stream.ended).rejects.toThrow(message);
  });

  it('fails when the connection breaks, and its streams end', async () => {
    const { stream } = await open();
    const out = text(stream.stdout!);
    stream.close();
    await expect(stream.ended).rejects.toThrow('error reading from error stream');
    expect(await out).toBe('');
    expect(stream.stdin!.destroyed).toBe(true);
  });
});
