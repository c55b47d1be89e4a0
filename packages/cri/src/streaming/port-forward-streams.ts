import type { Duplex } from 'node:stream';
import type { SpdyConnection, SpdyStream } from '@podling/shared/spdy';
import type { Clock, Timer } from '@podling/shared/util';
import { joinPort } from './join-port.ts';

export const portForwardProtocol = 'portforward.k8s.io';

const PAIR_MS = 30_000;

interface Pair {
  error?: SpdyStream;
  data?: SpdyStream;
  /** Until both are there. */
  timer: Timer;
}

/**
 * Connections into a sandbox over SPDY: for each the client opens a stream for its data and one for what goes wrong with it,
 * which belong together by a number and name the port. One that fails leaves the others alone.
 */
export class PortForwardStreams {
  readonly #dial: (port: number) => Promise<Duplex>;
  readonly #clock: Clock;
  readonly #pairs = new Map<string, Pair>();

  constructor(dial: (port: number) => Promise<Duplex>, clock: Clock) {
    this.#dial = dial;
    this.#clock = clock;
  }

  /** The connection has ended: nobody comes any more. */
  close(): void {
    for (const { timer } of this.#pairs.values()) timer.cancel();
    this.#pairs.clear();
  }

  add(connection: SpdyConnection, stream: SpdyStream): void {
    const { streamtype: type = '', requestid: id = '', port = '' } = stream.headers;
    if ((type !== 'error' && type !== 'data') || id === '' || !/^\d{1,5}$/.test(port)) {
      stream.destroy();
      return;
    }
    connection.reply(stream);
    const pair = this.#pairs.get(id) ?? this.#begin(id);
    pair[type]?.destroy();
    pair[type] = stream;
    if (pair.error === undefined || pair.data === undefined) return;
    this.#pairs.delete(id);
    pair.timer.cancel();
    void this.#serve(Number(port), pair.data, pair.error);
  }

  #begin(id: string): Pair {
    const timer = this.#clock.setTimeout(() => {
      this.#pairs.delete(id);
      pair.error?.destroy();
      pair.data?.destroy();
    }, PAIR_MS);
    const pair: Pair = { timer };
    this.#pairs.set(id, pair);
    return pair;
  }

  async #serve(port: number, data: SpdyStream, error: SpdyStream): Promise<void> {
    error.resume();
    try {
      await joinPort(data, await this.#dial(port), this.#clock);
      error.end();
    } catch (failure) {
      error.end(`error forwarding port ${port}: ${failure instanceof Error ? failure.message : String(failure)}`);
    }
    // Not a reset: what was sent is still on its way.
    data.end();
    data.resume();
  }
}
