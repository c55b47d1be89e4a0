import type { Request, Response } from 'express';
import type { Clock } from '@podling/shared/util';
import { drained, highWaterBytes } from './back-pressure.ts';
import type { Endpoint } from './endpoint.ts';
import { contextOf } from './request-context.ts';
import { WatchSession } from './watch-session.ts';
import type { WatchSink } from './watch-session.ts';

const keepAliveDelayMs = 15_000;

/** Lines on one answer. What comes within a turn goes out in one write, which is what a write costs. */
class ChunkedSink implements WatchSink {
  readonly #response: Response;
  readonly #clock: Clock;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;

  constructor(response: Response, clock: Clock) {
    this.#response = response;
    this.#clock = clock;
  }

  open(): void {
    if (this.#response.headersSent) return;
    this.#response.writeHead(200, { 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' });
    this.#response.flushHeaders();
  }

  send(line: Buffer): void {
    if (this.#waiting.length === 0) setImmediate(() => this.flush());
    this.#waiting.push(line);
    this.#waitingBytes += line.length;
  }

  pressure(): Promise<boolean> | undefined {
    if (this.#waitingBytes < highWaterBytes && this.#response.writableLength < highWaterBytes) return undefined;
    this.flush();
    return this.#response.writableLength < highWaterBytes ? undefined : drained(this.#response, this.#clock);
  }

  flush(): void {
    const lines = this.#waiting;
    if (lines.length === 0) return;
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (!this.#response.destroyed) this.#response.write(lines.length === 1 ? lines[0] : Buffer.concat(lines));
  }
}

/** Watch over one endless chunked answer, a JSON event per line. */
export async function handleWatchChunked(endpoint: Endpoint, request: Request, response: Response): Promise<void> {
  const session = new WatchSession(endpoint, contextOf(request).info, request.headers.accept);
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  request.socket.setKeepAlive(true, keepAliveDelayMs);
  const sink = new ChunkedSink(response, endpoint.services.clock);
  await session.run(sink, gone.signal);
  sink.flush();
  if (response.writableLength >= highWaterBytes) response.destroy();
  else response.end();
}
