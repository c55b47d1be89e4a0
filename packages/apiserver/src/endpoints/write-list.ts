import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { StoredObject } from '../storage/stored-object.ts';
import { acceptsGzip, gzipThresholdBytes } from './write-response.ts';

const chunkBytes = 256 * 1024;
const comma = Buffer.from(',');
const tail = Buffer.from(']}');

/** The bytes of a list in chunks: the objects' own, joined as they are read. */
function* chunksOf(head: Buffer, stored: readonly StoredObject[]): Generator<Buffer> {
  let parts: Buffer[] = [head];
  let size = head.length;
  for (const [index, { json }] of stored.entries()) {
    if (index > 0) parts.push(comma);
    parts.push(json);
    size += json.length;
    if (size < chunkBytes) continue;
    yield Buffer.concat(parts);
    parts = [];
    size = 0;
  }
  parts.push(tail);
  yield Buffer.concat(parts);
}

function lengthOf(head: Buffer, stored: readonly StoredObject[]): number {
  const commas = Math.max(0, stored.length - 1);
  return stored.reduce((sum, { json }) => sum + json.length, head.length + commas + tail.length);
}

/**
 * Writes a list of encoded objects as fast as the client reads it: what is in memory for it at any time is a chunk, not
 * the list. `head` ends with the opening of `items`. A client that goes away in the middle is no error.
 */
export async function writeList(request: IncomingMessage, response: ServerResponse, head: Buffer, stored: readonly StoredObject[]): Promise<void> {
  const length = lengthOf(head, stored);
  const chunks = chunksOf(head, stored);
  if (length <= chunkBytes && (length < gzipThresholdBytes || !acceptsGzip(request))) {
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': length });
    response.end(Buffer.concat([...chunks]));
    return;
  }
  const source = Readable.from(chunks, { objectMode: true, highWaterMark: 1 });
  if (acceptsGzip(request)) {
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip', Vary: 'Accept-Encoding' });
    await pipeline(source, createGzip({ level: 1 }), response).catch(() => response.destroy());
    return;
  }
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': length });
  await pipeline(source, response).catch(() => response.destroy());
}
