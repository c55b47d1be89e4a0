import type { Duplex } from 'node:stream';
import type { SpdyConnection, SpdyStream } from '@podling/shared/spdy';
import type { Clock, Timer } from '@podling/shared/util';

export const portForwardProtocol = 'portforward.k8s.io';

const PAIR_MS = 30_000;
/** How long the pod may take for what was sent before the client was gone. */
const LINGER_MS = 5_000;

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
      await join(data, await this.#dial(port), this.#clock);
      error.end();
    } catch (failure) {
      error.end(`error forwarding port ${port}: ${failure instanceof Error ? failure.message : String(failure)}`);
    }
    // Not a reset: what was sent is still on its way.
    data.end();
    data.resume();
  }
}

/**
 * Each direction up to its own end. Fails when the pod's end breaks; a client that has hung up is no failure. One that is
 * gone hears no answer: a pod that goes on holding its own end, or that reads nothing, is not waited for.
 */
async function join(data: SpdyStream, connection: Duplex, clock: Clock): Promise<void> {
  const over = Promise.withResolvers<void>();
  connection.once('error', over.reject).once('close', over.resolve);
  data.once('close', over.resolve);
  let lingering: Timer | undefined;
  const linger = (): void => void (lingering = clock.setTimeout(over.resolve, LINGER_MS));
  if (data.lost === undefined) data.once('lost', linger);
  else linger();
  data.pipe(connection);
  connection.pipe(data);
  await over.promise.finally(() => {
    data.off('lost', linger);
    lingering?.cancel();
    data.unpipe(connection);
    connection.destroy();
  });
}
