import { fileURLToPath } from 'node:url';
import { credentials, loadPackageDefinition, Metadata, status } from '@grpc/grpc-js';
import type { Client, ClientReadableStream, ServiceClientConstructor, ServiceError } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { AnyDefinition, MessageTypeDefinition, PackageDefinition } from '@grpc/proto-loader';
import { CriError } from '../cri.ts';
import { criCodes, noConnection } from '../grpc-codes.ts';
import type { Any } from './containerd-types.ts';

const services = {
  version: 'containerd.services.version.v1.Version',
  images: 'containerd.services.images.v1.Images',
  content: 'containerd.services.content.v1.Content',
  snapshots: 'containerd.services.snapshots.v1.Snapshots',
  containers: 'containerd.services.containers.v1.Containers',
  tasks: 'containerd.services.tasks.v1.Tasks',
  events: 'containerd.services.events.v1.Events',
  leases: 'containerd.services.leases.v1.Leases',
  introspection: 'containerd.services.introspection.v1.Introspection',
  namespaces: 'containerd.services.namespaces.v1.Namespaces',
} as const;

export type ServiceName = keyof typeof services;

export interface CallOptions {
  /** Default 10 s. */
  deadlineMs?: number;
  /** The lease that keeps what the call makes from the garbage collector. */
  lease?: string;
  signal?: AbortSignal;
}

const DEFAULT_DEADLINE_MS = 10_000;
const RECONNECT_MAX_MS = 1_000;

/**
 * containerd's gRPC API in one namespace. Every unary call has a deadline and fails with `CriError`; a lost connection
 * is `Unavailable` at once, and the same client works again when containerd is back.
 */
export class ContainerdClient {
  readonly namespace: string;
  /** Path of the socket. */
  readonly address: string;
  readonly #definition: PackageDefinition;
  readonly #clients: Record<ServiceName, Client>;
  readonly #pending = new Set<{ cancel(): void }>();
  #closed = false;

  constructor(options: { address: string; namespace: string }) {
    this.namespace = options.namespace;
    this.address = options.address;
    this.#definition = loadDefinition();
    this.#clients = connect(this.#definition, options.address);
  }

  call<Response>(service: ServiceName, method: string, request: object, options: CallOptions = {}): Promise<Response> {
    if (this.#closed) return Promise.reject(new CriError('Unavailable', `${service}.${method}: the runtime is closed`));
    return new Promise((resolve, reject) => {
      const deadline = Date.now() + (options.deadlineMs ?? DEFAULT_DEADLINE_MS);
      const callback = (error: ServiceError | null, response: unknown): void => {
        options.signal?.removeEventListener('abort', cancel);
        this.#pending.delete(pending);
        if (error === null) resolve(response as Response);
        else reject(criErrorOf(error, `${service}.${method}`, this.address));
      };
      const pending = this.#method(service, method)(request, this.#metadata(options), { deadline }, callback);
      this.#pending.add(pending);
      const cancel = (): void => pending.cancel();
      options.signal?.addEventListener('abort', cancel, { once: true });
    });
  }

  stream(service: ServiceName, method: string, request: object, options: { deadlineMs?: number } = {}): ClientReadableStream<unknown> {
    const callOptions = options.deadlineMs === undefined ? {} : { deadline: Date.now() + options.deadlineMs };
    const client = this.#clients[service] as unknown as Record<string, (...args: unknown[]) => ClientReadableStream<unknown>>;
    return client[method]?.(request, this.#metadata({}), callOptions) ?? fail(`${service} has no ${method}`);
  }

  /** Decodes an `Any` by the name in its type URL. Undefined for a message that is not among our protos. */
  decode<Message>(any: Any): Message | undefined {
    const name = any.type_url.slice(any.type_url.lastIndexOf('/') + 1);
    const definition = this.#definition[name];
    if (definition === undefined || !isMessage(definition)) return undefined;
    return definition.deserialize(Buffer.from(any.value)) as Message;
  }

  /** What is under way fails, as does all that comes later. */
  close(): void {
    this.#closed = true;
    for (const pending of this.#pending) pending.cancel();
    for (const client of Object.values(this.#clients)) client.close();
  }

  #method(service: ServiceName, method: string): (...args: unknown[]) => { cancel(): void } {
    const client = this.#clients[service] as unknown as Record<string, ((...args: unknown[]) => { cancel(): void }) | undefined>;
    return client[method]?.bind(client) ?? fail(`${service} has no ${method}`);
  }

  #metadata({ lease }: Pick<CallOptions, 'lease'>): Metadata {
    const metadata = new Metadata();
    metadata.set('containerd-namespace', this.namespace);
    if (lease !== undefined) metadata.set('containerd-lease', lease);
    return metadata;
  }
}

function isMessage(definition: AnyDefinition): definition is MessageTypeDefinition<object, object> {
  return 'deserialize' in definition && typeof definition.deserialize === 'function';
}

function fail(message: string): never {
  throw new Error(message);
}

function loadDefinition(): PackageDefinition {
  const folder = fileURLToPath(new URL('./proto', import.meta.url));
  const files = ['version', 'images', 'content', 'snapshots', 'containers', 'tasks', 'events', 'event-types', 'leases', 'introspection', 'namespaces', 'cgroup1-metrics', 'cgroup2-metrics'];
  return loadSync(files.map((file) => `${file}.proto`), {
    includeDirs: [folder],
    keepCase: false,
    longs: String,
    enums: String,
    defaults: true,
    oneofs: true,
  });
}

function connect(definition: PackageDefinition, address: string): Record<ServiceName, Client> {
  const root = loadPackageDefinition(definition);
  const options = {
    'grpc.max_receive_message_length': -1,
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': RECONNECT_MAX_MS,
  };
  const entries = Object.entries(services).map(([name, path]) => {
    const constructor = path.split('.').reduce<unknown>((object, part) => (object as Record<string, unknown>)[part], root);
    return [name, new (constructor as ServiceClientConstructor)(`unix://${address}`, credentials.createInsecure(), options)];
  });
  return Object.fromEntries(entries) as Record<ServiceName, Client>;
}

/** Translates at this layer's edge; the gRPC error stays as the cause, unless there is nobody at `address`. */
export function criErrorOf(error: ServiceError, operation: string, address: string): CriError {
  const absent = noConnection(error, `no containerd answers at ${address}: start it, or name its socket (--containerd-address; of crictl native:///PATH)`);
  if (absent !== undefined) return absent;
  // The shim's own deadline comes as UNKNOWN.
  const late = error.details.includes('context deadline exceeded');
  const code = late ? 'DeadlineExceeded' : (criCodes[error.code] ?? 'Unknown');
  return new CriError(code, `${operation}: ${error.details || error.message}`, { cause: error });
}

export function isAlreadyExists(error: unknown): boolean {
  return error instanceof CriError && (error.cause as ServiceError | undefined)?.code === status.ALREADY_EXISTS;
}

/** The other side could not be asked: no verdict on what was asked. */
export function hasNoAnswer(error: unknown): boolean {
  return error instanceof CriError && (error.code === 'Unavailable' || error.code === 'DeadlineExceeded');
}

/** Without the wrapping of the layers that only pass it on. */
export function plainMessage(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^\w+\.\w+: /, '');
}
