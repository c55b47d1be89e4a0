import type { Request, Response } from 'express';
import type { Clock } from '@podling/shared/util';
import { drained, highWaterBytes } from './back-pressure.ts';
import type { Endpoint } from './endpoint.ts';
import { lineFraming } from './encode.ts';
import { contextOf } from './request-context.ts';
import { WatchSession } from './watch-session.ts';
import type { WatchSink } from './watch-session.ts';

/** Lines on one answer. */
class ChunkedSink implements WatchSink {
  readonly framing = lineFraming;
  readonly #response: Response;
  readonly #clock: Clock;

  constructor(response: Response, clock: Clock) {
    this.#response = response;
    this.#clock = clock;
  }

  open(): void {
    if (this.#response.headersSent) return;
    this.#response.writeHead(200, { 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' });
    this.#response.flushHeaders();
  }

  send(events: Buffer): void {
    if (!this.#response.destroyed) this.#response.write(events);
  }

  pressure(): Promise<boolean> | undefined {
    return this.#response.writableLength < highWaterBytes ? undefined : drained(this.#response, this.#clock);
  }
}

/** Watch over one endless chunked answer, a JSON event per line. */
export async function handleWatchChunked(endpoint: Endpoint, request: Request, response: Response): Promise<void> {
  const session = new WatchSession(endpoint, contextOf(request).info, request.headers.accept);
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const sink = new ChunkedSink(response, endpoint.services.clock);
  if (await session.run(sink, gone.signal)) response.end();
  else response.destroy();
}
