import { once } from 'node:events';
import { duplexPair } from 'node:stream';
import type { Duplex } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import { constants, createDeflate } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { SpdyConnection } from './connection.ts';
import { spdyDictionary } from './dictionary.ts';
import { FrameReader } from './frames.ts';
import { HeaderReader, HeaderWriter } from './headers.ts';
import type { SpdyStream } from './stream.ts';

const connections: SpdyConnection[] = [];

afterEach(() => {
  for (const connection of connections.splice(0)) connection.close();
});

function pair(onStream?: (stream: SpdyStream, server: SpdyConnection) => void): { client: SpdyConnection; sockets: Duplex[] } {
  const sockets = duplexPair();
  const server: SpdyConnection = new SpdyConnection(sockets[1], { role: 'server', ...(onStream === undefined ? {} : { onStream: (stream) => onStream(stream, server) }) });
  const client = new SpdyConnection(sockets[0], { role: 'client' });
  connections.push(client, server);
  return { client, sockets };
}

function echo(stream: SpdyStream, server: SpdyConnection): void {
  server.reply(stream);
  stream.pipe(stream);
}

/** A socket whose other side does not hang up; `limits` are what is set for it. */
function deaf(): { socket: Duplex; limits: (() => void)[] } {
  const limits: (() => void)[] = [];
  const [socket] = duplexPair();
  return { socket: Object.assign(socket as Duplex, { setTimeout: (_ms: number, over: () => void) => limits.push(over) }), limits };
}

describe('SPDY dictionary', () => {
  it('is the one that every SPDY/3 has', () => {
    expect(adler32Of(spdyDictionary)).toBe(0xe3c6a7c2);
  });
});

describe('SPDY headers', () => {
  it('are read as they were written, block by block', async () => {
    const [writer, reader] = [new HeaderWriter(), new HeaderReader()];
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.stringMatching(/^[a-z-]{1,20}$/), fc.string({ maxLength: 200, unit: 'grapheme' })), async (headers) => {
        expect({ ...(await reader.read(writer.block(headers))) }).toEqual({ ...headers });
      }),
    );
  });

  it('are read where they are compressed with the dictionary', async () => {
    const reader = new HeaderReader();
    const deflate = createDeflate({ dictionary: spdyDictionary });
    for (const type of ['stdin', 'stdout']) {
      const plain = Buffer.concat([number(1), number(10), Buffer.from('StreamType'), number(type.length), Buffer.from(type)]);
      deflate.write(plain);
      await new Promise<void>((resolve) => deflate.flush(constants.Z_SYNC_FLUSH, resolve));
      expect({ ...(await reader.read(deflate.read() as Buffer)) }).toEqual({ streamtype: type });
    }
  });

  it('that are none, or too many, end in an error', async () => {
    await expect(new HeaderReader().read(Buffer.from('not zlib at all'))).rejects.toThrow();
    const deflate = createDeflate({ dictionary: spdyDictionary });
    deflate.end(Buffer.alloc(10_000_000));
    await expect(new HeaderReader().read(await buffer(deflate))).rejects.toThrow('too large');
    const reader = new HeaderReader();
    await expect(reader.read(new HeaderWriter().block({ a: 'b' }).subarray(0, 12))).rejects.toThrow('cut off');
  });
});

describe('SPDY frames', () => {
  it('never throw anything but an error, whatever comes', () => {
    fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 64 })), (chunks) => {
      const reader = new FrameReader();
      try {
        for (const chunk of chunks) for (const frame of reader.read(Buffer.from(chunk))) expect(['control', 'data']).toContain(frame.kind);
      } catch (error) {
        expect(String(error)).toMatch(/SPDY/);
      }
    }));
  });
});

describe('SPDY connection', () => {
  it('lets go of a socket whose other side does not hang up', async () => {
    const { socket, limits } = deaf();
    const connection = new SpdyConnection(socket, { role: 'server' });
    connection.close();
    await connection.closed;
    expect(limits).toHaveLength(1);
    limits[0]?.();
    expect(socket.destroyed).toBe(true);
  });

  it('carries streams with headers, each half-closing', async () => {
    const seen: string[] = [];
    const { client } = pair((stream, server) => {
      seen.push(`${stream.id} ${stream.headers['streamtype']}`);
      echo(stream, server);
    });
    const streams = ['stdin', 'error'].map((streamType) => client.open({ streamType }));
    for (const stream of streams) stream.end(`to ${stream.id}`);
    await Promise.all(streams.map(({ accepted }) => accepted));
    expect(await Promise.all(streams.map(text))).toEqual(['to 1', 'to 3']);
    expect(seen).toEqual(['1 stdin', '3 error']);
  });

  it('loses nothing, in whatever pieces it comes', async () => {
    const { client } = pair(echo);
    const chunks = fc.sample(fc.uint8Array({ maxLength: 100_000, size: 'max' }), 40);
    const streams = [client.open({}), client.open({})];
    const sent = streams.map(async (stream) => {
      for (const chunk of chunks) if (!stream.write(chunk)) await once(stream, 'drain');
      stream.end();
    });
    const received = await Promise.all(streams.map(buffer));
    await Promise.all(sent);
    expect(received.map((bytes) => bytes.equals(Buffer.concat(chunks)))).toEqual([true, true]);
  });

  it('takes what came before the other side was gone', async () => {
    const { client, sockets } = pair((stream, server) => {
      server.reply(stream);
      stream.write('last words', () => sockets[1]?.end());
    });
    expect(await text(client.open({}))).toBe('last words');
  });

  it('refuses streams beyond what it keeps', async () => {
    const { client } = pair((stream, server) => server.reply(stream));
    const streams = Array.from({ length: 1_001 }, () => client.open({}));
    await expect(streams.at(-1)?.accepted).rejects.toThrow('reset');
    await Promise.all(streams.slice(0, -1).map(({ accepted }) => accepted));
  });

  it('pushes back where nobody reads', async () => {
    let stalled: SpdyStream | undefined;
    const { client } = pair((stream, server) => {
      server.reply(stream);
      stalled = stream;
    });
    const stream = client.open({});
    const chunk = Buffer.alloc(64 * 1024);
    let written = 0;
    while (stream.write(chunk) && written < 1_000) written += 1;
    expect(written).toBeLessThan(100);
    stream.end();
    await vi.waitFor(() => expect(stalled).toBeDefined());
    expect((await buffer(stalled as SpdyStream)).length).toBe((written + 1) * chunk.length);
  });

  it('tells a stream that is reset or refused, and keeps the others', async () => {
    const { client } = pair((stream, server) => (stream.headers['bad'] === undefined ? echo(stream, server) : stream.destroy()));
    const [bad, good] = [client.open({ bad: 'yes' }), client.open({})];
    await expect(bad.accepted).rejects.toThrow('reset');
    good.end('still here');
    expect(await text(good)).toBe('still here');
    const refusing = pair().client;
    await expect(refusing.open({}).accepted).rejects.toThrow('reset');
  });

  it('ends when the other side asks on and reads no answer', async () => {
    const [peer, socket] = duplexPair();
    const server = new SpdyConnection(socket, { role: 'server' });
    connections.push(server);
    const pings = Buffer.concat(Array.from({ length: 1_000 }, () => Buffer.from([0x80, 3, 0, 6, 0, 0, 0, 4, 0, 0, 0, 1])));
    let [over, sent] = [false, 0];
    void server.closed.then(() => (over = true));
    for (; !over && sent < 1_000; sent += 1) {
      peer.write(pings);
      await setImmediate();
    }
    expect([over, socket.destroyed]).toEqual([true, true]);
  });

  it('ends its streams when the socket breaks, or says what is no SPDY', async () => {
    const { client, sockets } = pair(echo);
    const stream = client.open({});
    await stream.accepted;
    sockets[1]?.write(Buffer.from([0x80, 0x02, 0, 1, 0, 0, 0, 0]));
    expect(await buffer(stream)).toEqual(Buffer.alloc(0));
    await client.closed;
    expect(stream.lost).toBeInstanceOf(Error);
    stream.write('more');
    await expect(once(stream, 'close')).rejects.toThrow('not a frame');
    const late = client.open({});
    await expect(once(late, 'close')).rejects.toThrow('closed');
  });
});

function adler32Of(bytes: Buffer): number {
  let [low, high] = [1, 0];
  for (const byte of bytes) {
    low = (low + byte) % 65_521;
    high = (high + low) % 65_521;
  }
  return high * 65_536 + low;
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
