import type * as Undici from 'undici';
import type { ClientConfig, RequestOptions, RestClient, WatchStream } from './client.ts';
import { ConnectionError, connectionError } from './connection-error.ts';
import { statusErrorFrom } from './status-answer.ts';
import { watchChunked, watchWebSocket } from './watch-stream.ts';

const defaultTimeoutMs = 30_000;
const connectTimeoutMs = 4_000;

type WatchRequest = Parameters<RestClient['watch']>[0];
type Answer = Undici.Dispatcher.ResponseData;

/** A `RestClient` over undici; `ws` for watches. Nothing is connected before the first request. */
export function createRestClient(config: ClientConfig): RestClient {
  return new HttpRestClient(config);
}

class HttpRestClient implements RestClient {
  readonly config: ClientConfig;
  #pool: Promise<Undici.Pool> | undefined;
  readonly #watches = new Set<WatchStream<unknown>>();

  constructor(config: ClientConfig) {
    this.config = config;
  }

  async request<T>(options: RequestOptions): Promise<T> {
    const text = await this.requestText({ accept: 'application/json', ...options });
    try {
      return JSON.parse(text) as T;
    } catch (error) {
      throw new ConnectionError(this.config.server, `the answer is not JSON: ${text.slice(0, 200)}`, { cause: error });
    }
  }

  async requestText(options: RequestOptions): Promise<string> {
    const deadline = startDeadline(this.config.server, options);
    try {
      const answer = await this.#send(options, deadline.signal);
      const text = await answer.body.text();
      if (!isSuccess(answer)) throw statusErrorFrom(answer.statusCode, text);
      return text;
    } catch (error) {
      throw this.#translate(error, deadline.signal);
    } finally {
      deadline.stop();
    }
  }

  async stream(options: RequestOptions): Promise<AsyncIterable<Uint8Array>> {
    const deadline = startDeadline(this.config.server, options);
    try {
      const answer = await this.#send(options, deadline.signal);
      if (!isSuccess(answer)) throw statusErrorFrom(answer.statusCode, await answer.body.text());
      return this.#body(answer, deadline);
    } catch (error) {
      deadline.stop();
      throw this.#translate(error, deadline.signal);
    } finally {
      deadline.stopTimer();
    }
  }

  watch<T>(request: WatchRequest): WatchStream<T> {
    const stream: WatchStream<T> = request.transport === 'chunked' ? this.#watchChunked(request) : this.#watchWebSocket(request);
    this.#watches.add(stream);
    const { signal } = request;
    if (signal?.aborted) stream.close();
    signal?.addEventListener('abort', () => stream.close(), { once: true });
    return stream;
  }

  async close(): Promise<void> {
    for (const stream of this.#watches) stream.close();
    const pool = await this.#pool;
    this.#pool = undefined;
    await pool?.destroy();
  }

  #watchWebSocket<T>(request: WatchRequest): WatchStream<T> {
    const { server, certificateAuthority, clientCertificate, clientKey } = this.config;
    const socket = {
      headers: headersFor(this.config, {}),
      handshakeTimeout: request.deadlineMs ?? 4000,
      perMessageDeflate: false as const,
      rejectUnauthorized: this.config.insecureSkipTlsVerify !== true,
      ...(certificateAuthority === undefined ? {} : { ca: certificateAuthority }),
      ...(clientCertificate === undefined ? {} : { cert: clientCertificate }),
      ...(clientKey === undefined ? {} : { key: clientKey }),
    };
    const url = server.replace(/^http/, 'ws') + pathAndQuery(request.path, { ...request.query, watch: true });
    const { pingPeriodMs = 1500, deadlineMs = 4000 } = request;
    const stream: WatchStream<T> = watchWebSocket<T>({ server, url, socket, pingPeriodMs, deadlineMs }, () => this.#watches.delete(stream));
    return stream;
  }

  #watchChunked<T>(request: WatchRequest): WatchStream<T> {
    const ending = new AbortController();
    const open = (): Promise<AsyncIterable<Uint8Array>> =>
      this.stream({ path: request.path, query: { ...request.query, watch: true }, accept: 'application/json', signal: ending.signal });
    const stream: WatchStream<T> = watchChunked<T>(this.config.server, open, () => {
      ending.abort(new Error('the watch was closed'));
      this.#watches.delete(stream);
    });
    return stream;
  }

  async #send(options: RequestOptions, signal: AbortSignal): Promise<Answer> {
    this.#pool ??= openPool(this.config);
    const pool = await this.#pool;
    return pool.request({
      path: pathAndQuery(options.path, options.query),
      method: options.method ?? 'GET',
      headers: headersFor(this.config, options),
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      signal,
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  async *#body(answer: Answer, deadline: Deadline): AsyncGenerator<Uint8Array> {
    try {
      yield* answer.body as AsyncIterable<Uint8Array>;
    } catch (error) {
      throw this.#translate(error, deadline.signal);
    } finally {
      answer.body.destroy();
      deadline.stop();
    }
  }

  /** An abort comes out as its reason, an error of the API as itself, all else names the server. */
  #translate(error: unknown, signal: AbortSignal): unknown {
    if (signal.aborted) return signal.reason;
    if (error instanceof Error && error.name === 'ApiStatusError') return error;
    return connectionError(this.config.server, error);
  }
}

async function openPool(config: ClientConfig): Promise<Undici.Pool> {
  const { Pool } = await import('undici');
  return new Pool(new URL(config.server).origin, {
    connect: {
      timeout: connectTimeoutMs,
      rejectUnauthorized: config.insecureSkipTlsVerify !== true,
      ...(config.certificateAuthority === undefined ? {} : { ca: config.certificateAuthority }),
      ...(config.clientCertificate === undefined ? {} : { cert: config.clientCertificate }),
      ...(config.clientKey === undefined ? {} : { key: config.clientKey }),
    },
  });
}

function isSuccess(answer: Answer): boolean {
  return answer.statusCode >= 200 && answer.statusCode < 300;
}

function headersFor(config: ClientConfig, options: Pick<RequestOptions, 'body' | 'contentType' | 'accept'>): Record<string, string> {
  return {
    accept: options.accept ?? '*/*',
    'user-agent': config.userAgent ?? 'podling',
    ...(config.token === undefined ? {} : { authorization: `Bearer ${config.token}` }),
    ...(options.body === undefined ? {} : { 'content-type': options.contentType ?? 'application/json' }),
  };
}

function pathAndQuery(path: string, query: RequestOptions['query']): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) parameters.append(name, String(value));
  }
  const text = parameters.toString();
  return text === '' ? path : `${path}?${text}`;
}

interface Deadline {
  signal: AbortSignal;
  /** The answer has begun: from here on only the caller's signal ends it. */
  stopTimer(): void;
  stop(): void;
}

function startDeadline(server: string, options: RequestOptions): Deadline {
  const { signal: outer, timeoutMs = defaultTimeoutMs } = options;
  const ending = new AbortController();
  const onAbort = (): void => ending.abort(outer?.reason);
  if (outer?.aborted) onAbort();
  outer?.addEventListener('abort', onAbort, { once: true });
  const expire = (): void => ending.abort(new ConnectionError(server, `no answer within ${timeoutMs} ms`));
  const timer = timeoutMs > 0 ? setTimeout(expire, timeoutMs) : undefined;
  const stopTimer = (): void => clearTimeout(timer);
  return {
    signal: ending.signal,
    stopTimer,
    stop() {
      stopTimer();
      outer?.removeEventListener('abort', onAbort);
    },
  };
}
