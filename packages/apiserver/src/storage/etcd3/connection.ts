import { noop } from 'cockatiel';
import { Etcd3 } from 'etcd3';
import type { IWatchRequest, IWatchResponse } from 'etcd3';
import type { CallOptions, ChannelOptions, ClientDuplexStream } from '@grpc/grpc-js';
import { exponentialBackoff } from '@podling/shared/util';
import type { Clock } from '@podling/shared/util';
import { StorageError } from '../errors.ts';
import { isConnectionTrouble, translateError, wasNeverSent } from './translate-error.ts';

/** PEM bytes. `cert` and `key` identify this client. */
export interface Etcd3Tls {
  ca: Buffer;
  cert?: Buffer;
  key?: Buffer;
}

export interface ConnectionOptions {
  /** `http://` or, with `tls`, `https://` URLs. */
  endpoints: readonly string[];
  tls?: Etcd3Tls;
  clock: Clock;
  /** A request, with its retries, ends within this time. */
  requestTimeoutMs: number;
}

export type WatchCall = ClientDuplexStream<IWatchRequest, IWatchResponse>;

export interface OpenWatchCall {
  call: WatchCall;
  /** Gives up the call and the connection that it had to itself. */
  close: (error?: Error) => void;
}

/** Channel settings: no limit on what is read, dead links found by pings, a short way back after an outage. */
const channelOptions = {
  'grpc.max_receive_message_length': -1,
  'grpc.max_send_message_length': -1,
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 5_000,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1_000,
};

/**
 * Requests to etcd with a deadline. Reads are sent again after connection trouble, writes only while they have certainly
 * not been sent. The client's own circuit breaker is off: it would refuse requests for seconds after etcd is back.
 */
export class Connection {
  readonly client: Etcd3;
  readonly #options: ConnectionOptions;
  readonly #clock: Clock;
  readonly #requestTimeoutMs: number;
  readonly #closed = new AbortController();

  constructor(options: ConnectionOptions) {
    this.#clock = options.clock;
    this.#requestTimeoutMs = options.requestTimeoutMs;
    this.#options = options;
    this.client = this.#newClient({});
  }

  /** Aborts when the connection is closed. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  read<R>(request: (options: CallOptions) => Promise<R>, key?: string): Promise<R> {
    return this.#call(request, isConnectionTrouble, key);
  }

  write<R>(request: (options: CallOptions) => Promise<R>, key?: string): Promise<R> {
    return this.#call(request, wasNeverSent, key);
  }

  /** A stream on a connection of its own: on a dead one, a new stream over the same connection would be dead as well. */
  async openWatch(): Promise<OpenWatchCall> {
    this.#assertOpen();
    const client = this.#newClient({ 'grpc.use_local_subchannel_pool': 1 });
    // The client types the gRPC stream as less than it is.
    const call = (await client.watchClient.watch()) as unknown as WatchCall;
    // Errors reach who reads; this listener takes those that come after reading has ended.
    call.on('error', () => undefined);
    const close = (error?: Error): void => {
      call.cancel();
      call.destroy(error);
      client.close();
    };
    return { call, close };
  }

  close(): void {
    if (this.#closed.signal.aborted) return;
    this.#closed.abort();
    this.client.close();
  }

  #newClient(extraChannelOptions: ChannelOptions): Etcd3 {
    const { endpoints, tls } = this.#options;
    return new Etcd3({
      hosts: [...endpoints],
      ...(tls !== undefined && { credentials: credentialsOf(tls) }),
      grpcOptions: { ...channelOptions, ...extraChannelOptions },
      faultHandling: { host: () => noop, global: noop },
    });
  }

  async #call<R>(
    request: (options: CallOptions) => Promise<R>,
    mayRetry: (error: unknown) => boolean,
    key: string | undefined,
  ): Promise<R> {
    const deadline = this.#clock.now() + this.#requestTimeoutMs;
    const backoff = exponentialBackoff({ initialMs: 50, maxMs: 500, jitter: 0.5 });
    for (;;) {
      this.#assertOpen();
      try {
        return await request({ deadline });
      } catch (error) {
        const delayMs = backoff.next();
        if (!mayRetry(error) || this.#clock.now() + delayMs >= deadline) throw translateError(error, key);
        await this.#clock.sleep(delayMs, this.#closed.signal).catch(() => undefined);
      }
    }
  }

  #assertOpen(): void {
    if (this.#closed.signal.aborted) throw new StorageError('Unreachable', 'the store is closed');
  }
}

function credentialsOf({ ca, cert, key }: Etcd3Tls): { rootCertificate: Buffer; privateKey?: Buffer; certChain?: Buffer } {
  return { rootCertificate: ca, ...(key !== undefined && { privateKey: key }), ...(cert !== undefined && { certChain: cert }) };
}
