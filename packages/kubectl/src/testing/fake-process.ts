import { duplexPair } from 'node:stream';
import type { Duplex } from 'node:stream';
import type { MessageSocket } from '@podling/shared/client';

/** The far end of an exec or attach: what the client says arrives by channel. */
export interface FakeProcess {
  /** What was typed so far. */
  input: string;
  /** Resolves when the client has ended its input. */
  inputEnded: Promise<void>;
  sizes: string[];
  print(text: string | Buffer, channel?: 1 | 2): void;
  exit(code: number): void;
  fail(message: string): void;
  /** As a broken connection. */
  vanish(): void;
}

const statusOf = (code: number): object =>
  code === 0 ? { status: 'Success' } : { status: 'Failure', reason: 'NonZeroExitCode', details: { causes: [{ reason: 'ExitCode', message: String(code) }] } };

/** For `FakeApi.on('CONNECT …', …)`. `serve` is told when the client is there. */
export function fakeProcess(serve: (process: FakeProcess) => void): () => MessageSocket {
  return () => {
    const [messages, server] = duplexPair({ objectMode: true });
    serve(processOver(server));
    return { protocol: 'v5.channel.k8s.io', messages };
  };
}

function processOver(server: Duplex): FakeProcess {
  const inputEnded = Promise.withResolvers<void>();
  const say = (channel: number, data: string | Buffer): boolean => server.write(Buffer.concat([Buffer.of(channel), Buffer.from(data)]));
  const end = (status: object): void => {
    say(3, JSON.stringify(status));
    server.end();
  };
  const process: FakeProcess = {
    input: '',
    sizes: [],
    inputEnded: inputEnded.promise,
    print: (text, channel = 1) => void say(channel, text),
    exit: (code) => end(statusOf(code)),
    fail: (message) => end({ status: 'Failure', reason: 'InternalError', message }),
    vanish: () => void server.end(),
  };
  server.on('data', (message: Buffer) => {
    const text = message.subarray(1).toString();
    if (message[0] === 0) process.input += text;
    else if (message[0] === 4) process.sizes.push(text);
    else if (message[0] === 255) inputEnded.resolve();
  });
  return process;
}
