import { Agent, request } from 'node:https';
import { quantile } from '../quantile.ts';
import type { Target } from './target.ts';

export interface Load {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
}

/** Requests to one target over connections that stay open. */
export class Requests {
  readonly #target: Target;
  readonly #agent: Agent;

  constructor(target: Target) {
    this.#target = target;
    this.#agent = new Agent({ keepAlive: true, maxSockets: 128, ...target.tls });
  }

  /** Sends one request and reads its answer to the end, counting its bytes. Fails for anything but 2xx. */
  send(method: string, path: string, body?: string): Promise<number> {
    const { origin, headers } = this.#target;
    const content = body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    return new Promise((resolve, reject) => {
      const sent = request(origin + path, { method, agent: this.#agent, headers: { ...headers, ...content } }, (response) => {
        let bytes = 0;
        response.on('data', (chunk: Buffer) => (bytes += chunk.length));
        response.once('error', reject);
        response.once('end', () => {
          const { statusCode = 0 } = response;
          if (statusCode >= 200 && statusCode < 300) resolve(bytes);
          else reject(new Error(`${method} ${path}: ${statusCode}`));
        });
      });
      sent.once('error', reject).end(body);
    });
  }

  /** `count` calls of `work`, `inFlight` at any time. */
  async load(count: number, inFlight: number, work: (index: number) => Promise<unknown>): Promise<Load> {
    const times: number[] = [];
    let next = 0;
    const startedAt = performance.now();
    const worker = async (): Promise<void> => {
      for (let index = next++; index < count; index = next++) {
        const sentAt = performance.now();
        await work(index);
        times.push(performance.now() - sentAt);
      }
    };
    await Promise.all(Array.from({ length: inFlight }, worker));
    const seconds = (performance.now() - startedAt) / 1000;
    const rounded = (value: number): number => Number(value.toFixed(2));
    return { perSecond: Math.round((count / seconds) * 10) / 10, p50Ms: rounded(quantile(times, 0.5)), p99Ms: rounded(quantile(times, 0.99)) };
  }

  close(): void {
    this.#agent.destroy();
  }
}
