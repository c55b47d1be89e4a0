import type { ClientConfig, ConnectOptions, RequestOptions, RestClient } from '@podling/shared/client';
import type { ConnectionOptions } from './client-config.ts';
import { explainError, RequestTimeoutError } from './errors.ts';
import type { Io } from './io.ts';
import type { RestMapper } from './resource/rest-mapping.ts';

/** Options every verb has, as commander gives them. */
export interface GlobalOptions extends ConnectionOptions {
  namespace?: string;
  requestTimeout?: string;
  cacheDir?: string;
  warningsAsErrors?: boolean;
  v?: number;
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
  const { createRestClient } = await import('@podling/shared/rest-client');
  // Where the server has its own, or Node would read all certificates of this machine for a connection that heeds none of them.
  if (config.certificateAuthority !== undefined) process.getBuiltinModule('node:tls').setDefaultCACertificates([]);
  const client = createRestClient(config, { connects: true });
  // One turn of the event loop sends the first words of the handshake; the server thinks while the rest is loaded.
  await new Promise(setImmediate);
  return client;
}

/** What a verb needs from outside, made on first use: `version --client` never reads a kubeconfig. */
export class Factory {
  readonly io: Io;
  readonly options: GlobalOptions;
  readonly #connect: Connect;
  #warnings = 0;
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
    return this.askedNamespace ?? (await this.config()).namespace;
  }

  /** How many the server has sent. */
  get warnings(): number {
    return this.#warnings;
  }

  /** What `--namespace` says; an empty value says nothing. */
  get askedNamespace(): string | undefined {
    const { namespace } = this.options;
    return namespace === '' ? undefined : namespace;
  }

  /** Writes the error as the user reads it; the caller answers with exit status 1. */
  async report(error: unknown): Promise<void> {
    this.io.err(`${explainError(error, await this.#host())}\n`);
    if (this.#verbosity() >= TRACE_LEVEL && error instanceof Error) this.io.err(`${error.stack ?? ''}\n`);
  }

  warn(message: string): void {
    this.io.err(`Warning: ${message}\n`);
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
    const [{ connectionOf }, { loadKubeconfig }] = await Promise.all([import('./client-config.ts'), import('@podling/shared/kubeconfig')]);
    const onWarning = (text: string): void => {
      this.#warnings += 1;
      this.warn(text);
    };
    return { ...connectionOf(this.options, this.io.env, loadKubeconfig), userAgent: 'kubectl/podling', onWarning };
  }

  async #openClient(): Promise<RestClient> {
    const timeout = this.options.requestTimeout;
    const timeoutMs = timeout === undefined ? 0 : await (await import('./duration.ts')).parseDuration(timeout, 'request-timeout');
    const client = await this.#connect(await this.config());
    return this.#withDefaults(client, timeoutMs);
  }

  async #openMapper(): Promise<RestMapper> {
    const [{ RestMapper: Mapper }, { DiscoveryCache }] = await Promise.all([import('./resource/rest-mapping.ts'), import('./resource/discovery-cache.ts')]);
    const client = await this.client();
    return new Mapper(client, DiscoveryCache.of(client.config.server, this.#cacheEnvironment(), () => this.io.now()));
  }

  /** The flag says what a variable says too. */
  #cacheEnvironment(): Io['env'] {
    const { cacheDir } = this.options;
    return cacheDir === undefined || cacheDir === '' ? this.io.env : { ...this.io.env, KUBECACHEDIR: cacheDir };
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
    return this.options.v ?? 0;
  }
}
