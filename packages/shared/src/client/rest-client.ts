import type { IncomingMessage } from 'node:http';
import type { ClientConfig, ConnectOptions, ImpersonatedUser, MessageSocket, RequestOptions, RestClient, WatchStream } from './client.ts';
import { ConnectionError, connectionError } from './connection-error.ts';
import { createHttpTransport, readText } from './http-transport.ts';
import type { HttpTransport, OutgoingHeaders } from './http-transport.ts';
import { ServerLink } from './server-link.ts';
import { statusErrorFrom } from './status-answer.ts';
import { watchChunked, watchWebSocket } from './watch-stream.ts';
import type { WebSocketOptions } from './web-socket.ts';

const defaultTimeoutMs = 30_000;
/** Of connections that last: as upstream. */
const streamPings = { pingPeriodMs: 5_000, deadlineMs: 61_000 };

type WatchRequest = Parameters<RestClient['watch']>[0];

export interface RestClientOptions {
  /** Connect now, ahead of the first request. Default: nothing is connected before it. */
  connects?: boolean;
}

/** A `RestClient` over Node's own HTTP client; `ws` for watches. */
export function createRestClient(config: ClientConfig, { connects = false }: RestClientOptions = {}): RestClient {
  const transport = createHttpTransport(config);
  if (connects) transport.connect();
  return new HttpRestClient(config, transport);
}

class HttpRestClient implements RestClient {
  readonly config: ClientConfig;
  readonly #transport: HttpTransport;
  readonly #link: ServerLink;
  readonly #watches = new Set<WatchStream<unknown>>();
  readonly #streams = new Set<MessageSocket>();

  constructor(config: ClientConfig, transport: HttpTransport) {
    this.config = config;
    this.#transport = transport;
    this.#link = new ServerLink(() => this.#transport.destroy());
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
      const answer = await this.#send(options, deadline.ending);
      const text = await readText(answer);
      if (!isSuccess(answer)) throw statusErrorFrom(answer.statusCode ?? 500, text);
      return text;
    } catch (error) {
      throw this.#translate(error, deadline.ending.signal);
    } finally {
      this.#end(deadline);
    }
  }

  async stream(options: RequestOptions): Promise<AsyncIterable<Uint8Array>> {
    const deadline = startDeadline(this.config.server, options);
    try {
      const answer = await this.#send(options, deadline.ending);
      if (!isSuccess(answer)) throw statusErrorFrom(answer.statusCode ?? 500, await readText(answer));
      return this.#body(answer, deadline);
    } catch (error) {
      this.#end(deadline);
      throw this.#translate(error, deadline.ending.signal);
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

  async connect({ path, query, signal, protocols, timeoutMs = defaultTimeoutMs, ...pings }: ConnectOptions): Promise<MessageSocket> {
    const { openMessageSocket } = await import('./message-socket.ts');
    const { server } = this.config;
    const url = webSocketUrl(server, pathAndQuery(path, query));
    const socket = { headers: headersFor(this.config, {}), perMessageDeflate: false, agent: this.#transport.agent() } as const;
    const stream = await openMessageSocket({ server, url, socket, protocols, signal, timeoutMs, ...streamPings, ...pings });
    this.#streams.add(stream);
    stream.messages.once('close', () => this.#streams.delete(stream));
    return stream;
  }

  async close(): Promise<void> {
    for (const stream of this.#watches) stream.close();
    for (const { messages } of this.#streams) messages.destroy();
    this.#link.close(new ConnectionError(this.config.server, 'the client was closed'));
  }

  #watchWebSocket<T>(request: WatchRequest): WatchStream<T> {
    const { server } = this.config;
    const url = webSocketUrl(server, pathAndQuery(request.path, { ...request.query, watch: true }));
    const { pingPeriodMs = 1500, deadlineMs = 4000 } = request;
    const watchOptions = { server, url, socket: this.#socketOptions(), pingPeriodMs, deadlineMs, link: this.#link };
    const stream: WatchStream<T> = watchWebSocket<T>(watchOptions, () => this.#watches.delete(stream));
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

  #socketOptions(): WebSocketOptions {
    const { certificateAuthority, clientCertificate, clientKey, insecureSkipTlsVerify, tlsServerName } = this.config;
    return {
      headers: headersFor(this.config, {}),
      perMessageDeflate: false,
      rejectUnauthorized: insecureSkipTlsVerify !== true,
      ...(certificateAuthority === undefined ? {} : { ca: certificateAuthority }),
      ...(clientCertificate === undefined ? {} : { cert: clientCertificate }),
      ...(clientKey === undefined ? {} : { key: clientKey }),
      ...(tlsServerName === undefined ? {} : { servername: tlsServerName }),
    };
  }

  async #send(options: RequestOptions, ending: AbortController): Promise<IncomingMessage> {
    await this.#link.enter(ending);
    const answer = await this.#transport.send({
      path: pathAndQuery(options.path, options.query),
      method: options.method ?? 'GET',
      headers: headersFor(this.config, options),
      ...(options.body === undefined ? {} : { body: options.body instanceof Uint8Array ? options.body : JSON.stringify(options.body) }),
      signal: ending.signal,
    });
    this.#link.alive();
    if (this.config.onWarning !== undefined) for (const text of warningsOf(answer)) this.config.onWarning(text);
    return answer;
  }

  async *#body(answer: IncomingMessage, deadline: Deadline): AsyncGenerator<Uint8Array> {
    try {
      yield* answer as AsyncIterable<Uint8Array>;
    } catch (error) {
      throw this.#translate(error, deadline.ending.signal);
    } finally {
      answer.destroy();
      this.#end(deadline);
    }
  }

  #end(deadline: Deadline): void {
    deadline.stop();
    this.#link.leave(deadline.ending);
  }

  /** An abort comes out as its reason, an error of the API as itself, all else names the server. */
  #translate(error: unknown, signal: AbortSignal): unknown {
    if (signal.aborted) return signal.reason;
    if (error instanceof Error && error.name === 'ApiStatusError') return error;
    return connectionError(this.config.server, error);
  }
}

function isSuccess({ statusCode = 0 }: IncomingMessage): boolean {
  return statusCode >= 200 && statusCode < 300;
}

function headersFor(config: ClientConfig, options: Pick<RequestOptions, 'body' | 'contentType' | 'accept'>): OutgoingHeaders {
  return {
    accept: options.accept ?? '*/*',
    'user-agent': config.userAgent ?? 'podling',
    ...(config.token === undefined ? {} : { authorization: `Bearer ${config.token}` }),
    ...(options.body === undefined ? {} : { 'content-type': options.contentType ?? 'application/json' }),
    ...(config.impersonate === undefined ? {} : impersonationHeaders(config.impersonate)),
  };
}

function impersonationHeaders({ user, uid, groups = [], extra = {} }: ImpersonatedUser): OutgoingHeaders {
  const extras = Object.entries(extra).map(([key, values]) => [`impersonate-extra-${encodeURIComponent(key)}`, values]);
  return {
    'impersonate-user': user,
    ...(uid === undefined ? {} : { 'impersonate-uid': uid }),
    ...(groups.length === 0 ? {} : { 'impersonate-group': groups }),
    ...(Object.fromEntries(extras) as OutgoingHeaders),
  };
}

function webSocketUrl(server: string, path: string): string {
  return server.replace(/^http/, 'ws') + path;
}

function pathAndQuery(path: string, query: ConnectOptions['query']): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) for (const one of [value].flat()) parameters.append(name, String(one));
  }
  const text = parameters.toString();
  return text === '' ? path : `${path}?${text}`;
}

interface Deadline {
  ending: AbortController;
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
    ending,
    stopTimer,
    stop() {
      stopTimer();
      outer?.removeEventListener('abort', onAbort);
    },
  };
}

/** The texts of `Warning: 299 - "text"`, of which one header may hold several. */
function warningsOf({ headers }: IncomingMessage): string[] {
  const { warning } = headers;
  if (warning === undefined) return [];
  return [...warning.matchAll(/\b299 \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) => text.replaceAll(/\\(.)/g, '$1'));
}
