import { duplexPair } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { SpdyConnection } from '../../spdy/index.ts';
import type { SpdyStream } from '../../spdy/index.ts';
import { openPortForward } from './port-forward.ts';

const PROTOCOL = 'SPDY/3.1+portforward.k8s.io';

function open(serve: (stream: SpdyStream) => void) {
  const [messages, socket] = duplexPair();
  const server: SpdyConnection = new SpdyConnection(socket, {
    role: 'server',
    onStream: (stream) => {
      server.reply(stream);
      serve(stream);
    },
  });
  return { server, forward: openPortForward({ connect: async () => ({ protocol: PROTOCOL, messages }) }, { path: '/portforward' }) };
}

describe('a port-forward', () => {
  it('opens a pair of streams for each connection, which half-closes', async () => {
    const heard: unknown[] = [];
    const { forward } = open((stream) => {
      const { streamtype, port, requestid } = stream.headers;
      heard.push([streamtype, port, requestid]);
      if (streamtype === 'error') stream.end();
      else void text(stream).then((question) => stream.end(`${question} on ${port}`));
    });
    const way = await forward;
    const [first, second] = [way.connect(80), way.connect(8080)];
    first.data.end('question');
    second.data.end('another');
    expect(await Promise.all([text(first.data), text(second.data)])).toEqual(['question on 80', 'another on 8080']);
    expect(await Promise.all([first.failure, second.failure])).toEqual([undefined, undefined]);
    expect(heard).toEqual([['error', '80', '1'], ['data', '80', '1'], ['error', '8080', '2'], ['data', '8080', '2']]);
    way.close();
    await way.closed;
  });

  it('says what went wrong at the far end', async () => {
    const { forward } = open((stream) => stream.end(stream.headers['streamtype'] === 'error' ? 'connection refused' : undefined));
    const { failure, data } = (await forward).connect(81);
    data.resume();
    expect(await failure).toBe('connection refused');
  });

  it('tells that the way is gone', async () => {
    const { server, forward } = open(() => undefined);
    const way = await forward;
    server.close();
    await way.closed;
  });
});
