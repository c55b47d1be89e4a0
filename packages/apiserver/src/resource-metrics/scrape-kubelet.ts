import type { Node } from '@podling/shared/api';
import type { Clock } from '@podling/shared/util';
import type { KubeletAnswer } from '../proxy/node-proxy.ts';
import { decodeMetrics } from './decode-metrics.ts';
import type { MetricsBatch } from './decode-metrics.ts';

const deadlineMs = 10_000;
/** That of a node with a thousand containers takes a sixth of this. */
const longestTextBytes = 4 * 1024 * 1024;

export type AskKubelet = (node: Node, path: string, signal: AbortSignal) => Promise<KubeletAnswer>;

async function textOf({ code, body }: KubeletAnswer): Promise<string> {
  if (code !== 200) throw new Error(`the kubelet answered ${code}`);
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > longestTextBytes) throw new Error(`the kubelet answered more than ${longestTextBytes} bytes`);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Reads what a kubelet says of its containers now. Rejects when it cannot be reached, refuses, or goes on for too long. */
export async function scrapeKubelet(ask: AskKubelet, node: Node, { clock, stopping }: { clock: Clock; stopping: AbortSignal }): Promise<MetricsBatch> {
  const over = new AbortController();
  const timer = clock.setTimeout(() => over.abort(new Error(`no whole answer within ${deadlineMs} ms`)), deadlineMs);
  const readAtMs = clock.now();
  try {
    const answer = await ask(node, '/metrics/resource', AbortSignal.any([over.signal, stopping]));
    return decodeMetrics(await textOf(answer), readAtMs);
  } finally {
    timer.cancel();
    // What is not read of an answer would hold its connection.
    over.abort();
  }
}
