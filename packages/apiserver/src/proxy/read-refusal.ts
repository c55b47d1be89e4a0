import type { Readable } from 'node:stream';
import { systemClock } from '@podling/shared/util';

/** A kubelet must not fill our memory, nor keep us waiting. */
const longestBytes = 16 * 1024;
const limitMs = 10_000;

/** What a kubelet says when it refuses: its beginning, as far as it comes in time. The rest is let go of, and its connection with it. */
export async function readRefusal(body: Readable, clock = systemClock): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  body.on('error', () => undefined);
  const timer = clock.setTimeout(() => body.destroy(), limitMs);
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= longestBytes) break;
    }
  } catch {
    // What has come is said.
  } finally {
    timer.cancel();
    body.destroy();
  }
  return Buffer.concat(chunks).subarray(0, longestBytes);
}
