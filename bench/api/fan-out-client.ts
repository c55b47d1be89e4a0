/**
 * A process that holds the watches of a fan-out: `node fan-out-client.ts COUNT`, its orders come as IPC messages. It
 * counts lines; objects whose name ends in `-at-MILLISECONDS` also tell how long they took.
 */
import { Agent, request } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import { quantile } from '../quantile.ts';

interface Order {
  url: string;
  headers: Record<string, string>;
  tls: SecureContextOptions;
}

const count = Number(process.argv[2]);
const marker = Buffer.from('-at-');
const newline = 0x0a;
/** One line of each chunk is looked at on these watches: latency is a sample. */
const sampled = 50;
let events = 0;
let latencies: number[] = [];

function note(chunk: Buffer, index: number): void {
  for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, at + 1)) events += 1;
  if (index % Math.ceil(count / sampled) !== 0) return;
  const at = chunk.indexOf(marker);
  const sentAt = at < 0 ? Number.NaN : Number.parseFloat(chunk.toString('latin1', at + marker.length, at + marker.length + 20));
  if (!Number.isNaN(sentAt)) latencies.push(Date.now() - sentAt);
}

async function open({ url, headers, tls }: Order): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY, ...tls });
  let next = 0;
  const openOne = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) {
      await new Promise<void>((resolve, reject) => {
        const sent = request(url, { agent, headers }, (response) => {
          response.on('data', (chunk: Buffer) => note(chunk, index));
          resolve();
        });
        sent.once('error', reject).end();
      });
    }
  };
  await Promise.all(Array.from({ length: 32 }, openOne));
}

process.on('message', (message: Order | 'read') => {
  if (message === 'read') {
    process.send?.({ events, p50Ms: quantile(latencies, 0.5), p99Ms: quantile(latencies, 0.99) });
    latencies = [];
    return;
  }
  void open(message).then(
    () => process.send?.('open'),
    (error: unknown) => process.send?.(String(error)),
  );
});
process.once('disconnect', () => process.exit());
