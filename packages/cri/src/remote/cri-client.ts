import { Client, Metadata } from '@grpc/grpc-js';
import type { ClientReadableStream, ClientUnaryCall, MethodDefinition, ServiceDefinition, ServiceError } from '@grpc/grpc-js';
import type { Clock } from '@podling/shared/util';
import { CriError } from '../cri.ts';
import { loadServices } from '../v1/index.ts';
import type { ContainerEventResponse, ImageMethods, RuntimeMethods, Sent } from '../v1/index.ts';
import { callError } from './call-errors.ts';
import type { Target } from './endpoint.ts';

export interface CallOptions {
  /** Infinity: the connection alone ends the call. */
  deadlineMs?: number;
  signal?: AbortSignal;
}

const RECONNECT_INITIAL_MS = 100;
const RECONNECT_MAX_MS = 1_000;
/** A list of all that a full node has is some MiB; what is larger is nonsense, and must not fill the memory. */
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

/**
 * The two services of CRI v1 on their endpoints. Every unary call has a deadline and fails with `CriError`; a lost
 * connection is `Unavailable` at once, and the same client works again when the runtime is back.
 */
export class CriClient {
  readonly #clients: Record<keyof ReturnType<typeof loadServices>, Client>;
  readonly #endpoints: Record<keyof ReturnType<typeof loadServices>, string>;
  /** Of a call that says nothing else. */
  readonly deadlineMs: number;
  readonly #clock: Clock;
  readonly #pending = new Set<{ cancel(): void }>();
  #closed = false;

  constructor(options: { runtime: Target; image: Target; deadlineMs: number; clock: Clock }) {
    this.#clients = { runtime: connect(options.runtime), image: connect(options.image) };
    this.#endpoints = { runtime: options.runtime.endpoint, image: options.image.endpoint };
    this.deadlineMs = options.deadlineMs;
    this.#clock = options.clock;
  }

  runtime<Call extends keyof RuntimeMethods>(call: Call, request: Sent<RuntimeMethods[Call]['request']>, options?: CallOptions): Promise<RuntimeMethods[Call]['response']> {
    return this.#unary('runtime', call, request, options);
  }

  image<Call extends keyof ImageMethods>(call: Call, request: Sent<ImageMethods[Call]['request']>, options?: CallOptions): Promise<ImageMethods[Call]['response']> {
    return this.#unary('image', call, request, options);
  }

  /** Ends by an error, `end`, or `cancel`. It has no deadline: whoever reads it cancels it. */
  events(): ClientReadableStream<ContainerEventResponse> {
    const { path, requestSerialize, responseDeserialize } = methodOf('runtime', 'GetContainerEvents');
    return this.#clients.runtime.makeServerStreamRequest(path, requestSerialize, responseDeserialize as (bytes: Buffer) => ContainerEventResponse, {}, new Metadata(), {});
  }

  /** Why its stream ended. */
  eventsError(error: unknown): CriError {
    return callError(error as ServiceError, 'GetContainerEvents', this.#endpoints.runtime);
  }

  /** What is under way fails, as does all that comes later. */
  close(): void {
    this.#closed = true;
    for (const pending of this.#pending) pending.cancel();
    for (const client of Object.values(this.#clients)) client.close();
  }

  #unary<Response>(service: 'runtime' | 'image', call: string, request: object, { deadlineMs = this.deadlineMs, signal }: CallOptions = {}): Promise<Response> {
    if (this.#closed) return Promise.reject(new CriError('Unavailable', `${call}: the runtime is closed`));
    if (signal?.aborted === true) return Promise.reject(new CriError('Unavailable', `${call}: given up`));
    const { path, requestSerialize, responseDeserialize } = methodOf(service, call);
    return new Promise((resolve, reject) => {
      const settle = (error: ServiceError | null, response?: object): void => {
        timer.cancel();
        signal?.removeEventListener('abort', cancel);
        this.#pending.delete(pending);
        if (error === null) resolve(response as Response);
        // gRPC's own words would be those of a caller who has left.
        else reject(late ? new CriError('DeadlineExceeded', `${call}: no answer within ${deadlineMs} ms`) : callError(error, call, this.#endpoints[service]));
      };
      let late = false;
      const pending: ClientUnaryCall = this.#clients[service].makeUnaryRequest(path, requestSerialize, responseDeserialize, request, new Metadata(), {}, settle);
      const cancel = (): void => pending.cancel();
      const timer = this.#clock.setTimeout(() => {
        late = true;
        cancel();
      }, deadlineMs);
      this.#pending.add(pending);
      signal?.addEventListener('abort', cancel, { once: true });
    });
  }
}

function methodOf(service: 'runtime' | 'image', call: string): MethodDefinition<object, object> {
  const method = (loadServices()[service] as ServiceDefinition)[call];
  if (method === undefined) throw new Error(`CRI has no ${call}`);
  return method as MethodDefinition<object, object>;
}

function connect({ address, credentials, options }: Target): Client {
  return new Client(address, credentials, {
    ...options,
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.initial_reconnect_backoff_ms': RECONNECT_INITIAL_MS,
    'grpc.max_reconnect_backoff_ms': RECONNECT_MAX_MS,
  });
}
