import type { ClientConfig, ConnectOptions, RequestOptions, RestClient } from '@podling/shared/client';
import { parseDuration } from './duration.ts';
import { CommandError, explainError, RequestTimeoutError } from './errors.ts';
import type { Io } from './io.ts';
import { sanitize } from './printers/sanitize.ts';
import type { RestMapper } from './resource/rest-mapping.ts';

/** Options every verb has, as commander gives them. */
export interface GlobalOptions {
  kubeconfig?: string;
  context?: string;
  namespace?: string;
  server?: string;
  requestTimeout?: string;
  v?: string;
}

/** Replaces the network in tests. */
export type Connect = (config: ClientConfig) => RestClient | Promise<RestClient>;

const TRACE_LEVEL = 6;

/** Limits a stream to its last byte; the client's own timeout only limits the wait for the first. */
function endingAfter(timeoutMs: number, options: RequestOptions): RequestOptions {
  if (timeoutMs === 0) return options;
  const over = new AbortController();
  setTimeout(() => over.abort(new RequestTimeoutError(timeoutMs)), timeoutMs).unref();
  return { ...options, signal: options.signal === undefined ? over.signal : AbortSignal.any([options.signal, over.signal]) };
}

async function defaultConnect(config: ClientConfig): Promise<RestClient> {
  const { createRestClient } = await import('@podling/shared/client');
  return createRestClient(config);
}

function serverUrl(server: string): string {
  const url = /^https?:\/\//.test(server) ? server : `http://${server}`;
  if (!URL.canParse(url)) throw new CommandError(`invalid argument "${server}" for "--server": not a URL`);
  return url.replace(/\/+$/, '');
}

/** What a verb needs from outside, made on first use: `version --client` never reads a kubeconfig. */
export class Factory {
  readonly io: Io;
  readonly options: GlobalOptions;
  readonly #connect: Connect;
  #config: Promise<ClientConfig> | undefined;
  #client: Promise<RestClient> | undefined;
  #mapper: Promise<RestMapper> | undefined;

  constructor(io: Io, options: GlobalOptions, connect: Connect = defaultConnect) {
    this.io = io;
    this.options = options;
    this.#connect = connect;
  }

  /** Another one with these options, to be closed by its own. */
  with(options: GlobalOptions): Factory {
    return new Factory(this.io, options, this.#connect);
  }

  config(): Promise<ClientConfig> {
    return (this.#config ??= this.#loadConfig());
  }

  client(): Promise<RestClient> {
    return (this.#client ??= this.#openClient());
  }

  mapper(): Promise<RestMapper> {
    return (this.#mapper ??= this.#openMapper());
  }

  /** The namespace asked for, else the context's. */
  async namespace(): Promise<string> {
    return this.options.namespace ?? (await this.config()).namespace;
  }

  /** Writes the error as the user reads it; the caller answers with exit status 1. */
  async report(error: unknown): Promise<void> {
    this.io.err(`${sanitize(explainError(error, await this.#host()))}\n`);
    if (this.#verbosity() >= TRACE_LEVEL && error instanceof Error) this.io.err(`${sanitize(error.stack ?? '')}\n`);
  }

  warn(message: string): void {
    this.io.err(`Warning: ${sanitize(message)}\n`);
  }

  async close(): Promise<void> {
    const client = await this.#client?.catch(() => undefined);
    await client?.close();
  }

  async #host(): Promise<string> {
    const config = await this.#config?.catch(() => undefined);
    return config === undefined ? '' : new URL(config.server).host;
  }

  async #loadConfig(): Promise<ClientConfig> {
    const { kubeconfig, context, server } = this.options;
    const { loadKubeconfig } = await import('@podling/shared/client');
    const onWarning = (text: string): void => this.warn(text);
    const overrides = server === undefined ? {} : { server: serverUrl(server) };
    try {
      const loaded = loadKubeconfig(kubeconfig, { env: this.io.env, ...(context === undefined ? {} : { context }) });
      return { ...loaded, ...overrides, userAgent: 'kubectl/podling', onWarning };
    } catch (error) {
      if (overrides.server !== undefined && kubeconfig === undefined && context === undefined) {
        return { server: overrides.server, namespace: 'default', userAgent: 'kubectl/podling', onWarning };
      }
      throw error;
    }
  }

  async #openClient(): Promise<RestClient> {
    const timeout = this.options.requestTimeout;
    const timeoutMs = timeout === undefined ? 0 : await parseDuration(timeout, 'request-timeout');
    const client = await this.#connect(await this.config());
    return this.#withDefaults(client, timeoutMs);
  }

  async #openMapper(): Promise<RestMapper> {
    const { RestMapper: Mapper } = await import('./resource/rest-mapping.ts');
    return new Mapper(await this.client());
  }

  /** `timeoutMs` for every request that names none and for every stream to its end, and a line a request under `-v 6`. */
  #withDefaults(client: RestClient, timeoutMs: number): RestClient {
    const filled = (options: RequestOptions): RequestOptions => ({ timeoutMs, ...options });
    return {
      config: client.config,
      request: (options) => this.#traced(options, () => client.request(filled(options))),
      requestText: (options) => this.#traced(options, () => client.requestText(filled(options))),
      stream: (options) => this.#traced(options, () => client.stream(endingAfter(timeoutMs, filled(options)))),
      watch: (options) => client.watch(options),
      connect: (options) => this.#traced(options, () => client.connect(timeoutMs === 0 ? options : { timeoutMs, ...options })),
      close: () => client.close(),
    };
  }

  async #traced<T>(options: Pick<RequestOptions, 'method' | 'path'> & Pick<ConnectOptions, 'query'>, send: () => Promise<T>): Promise<T> {
    if (this.#verbosity() < TRACE_LEVEL) return send();
    const start = this.io.now();
    try {
      return await send();
    } finally {
      const query = JSON.stringify(options.query ?? {});
      this.io.err(`${options.method ?? 'GET'} ${options.path} ${query} in ${this.io.now() - start} milliseconds\n`);
    }
  }

  #verbosity(): number {
    return Number(this.options.v ?? 0);
  }
}
