import { status } from '@grpc/grpc-js';
import type { ServiceDefinition, ServiceError } from '@grpc/grpc-js';
import { systemClock } from '@podling/shared/util';
import type { Clock } from '@podling/shared/util';
import { CriError } from '../cri.ts';
import type { CriErrorCode, CriRuntime } from '../cri.ts';
import { loadServices } from '../v1/index.ts';
import type { CallLimits, ContainerEventResponse, CriConnection } from '../v1/index.ts';
import { callStatus } from './call-status.ts';
import { EventFeed } from './event-feed.ts';
import { imageHandlers } from './image-service.ts';
import { KnownIds } from './known-ids.ts';
import { runtimeHandlers } from './runtime-service.ts';
import type { StreamUrls } from './runtime-service.ts';

type Handler = (request: object) => Promise<object>;

/**
 * To a runtime in this process, as if it were on the other end of a socket: the same answers, the same failures. The runtime is
 * closed with it.
 */
export function createLocalConnection(runtime: CriRuntime, clock: Clock = systemClock): CriConnection {
  const ids = new KnownIds(runtime);
  const feed = new EventFeed(runtime);
  const services = loadServices();
  const handlers = {
    runtime: { ...runtimeHandlers(runtime, noUrls, clock) } as unknown as Record<string, Handler>,
    image: imageHandlers(runtime) as unknown as Record<string, Handler>,
  };
  const unary = <Response>(service: 'runtime' | 'image', call: string, request: object, limits: CallLimits = {}): Promise<Response> =>
    within(limits, call, clock, translated(call, () => answered(services[service], handlers[service][call], call, request))) as Promise<Response>;
  return {
    runtime: (call, request, limits) => unary('runtime', call, request, limits),
    image: (call, request, limits) => unary('image', call, request, limits),
    events: (signal) => eventsOf(runtime, feed, services.runtime, signal),
    exec: (containerId, request) => translated('Exec', async () => runtime.exec(await ids.container(containerId), request)),
    attach: (containerId, request) => translated('Attach', async () => runtime.attach(await ids.container(containerId), request)),
    portForward: (sandboxId, port) => translated('PortForward', async () => runtime.portForward(await ids.sandbox(sandboxId), port)),
    close: () => runtime.close(),
  };
}

/** Streams are had directly. */
const noUrls: StreamUrls = { exec: () => '', attach: () => '', portForward: () => '' };

async function answered(service: ServiceDefinition, handler: Handler | undefined, call: string, request: object): Promise<object> {
  const method = service[call];
  if (method === undefined || handler === undefined) throw new CriError('Unimplemented', `unknown method ${call}`);
  const answer = await handler(method.requestDeserialize(method.requestSerialize(request)) as object);
  return method.responseDeserialize(method.responseSerialize(answer)) as object;
}

async function* eventsOf(runtime: CriRuntime, feed: EventFeed, service: ServiceDefinition, signal: AbortSignal): AsyncGenerator<ContainerEventResponse> {
  const method = service['GetContainerEvents'];
  for await (const event of runtime.events(signal)) yield method?.responseDeserialize(method.responseSerialize(await feed.message(event))) as ContainerEventResponse;
}

/** The failure keeps its code, and has the gRPC error that a server would have sent as its cause. */
async function translated<Answer>(call: string, work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (cause) {
    const { code, details } = callStatus(cause);
    const error = Object.assign(new Error(`${code} ${status[code]}: ${details}`, { cause }), { code, details }) as Error as ServiceError;
    throw new CriError(codeOf(cause), `${call}: ${details}`, { cause: error });
  }
}

function codeOf(error: unknown): CriErrorCode {
  return error instanceof CriError ? error.code : 'Unknown';
}

/** What is given up goes on by itself, as it does in a server whose client has left. */
async function within<Answer>({ deadlineMs = Infinity, signal }: CallLimits, call: string, clock: Clock, work: Promise<Answer>): Promise<Answer> {
  if (deadlineMs === Infinity && signal === undefined) return work;
  const over = Promise.withResolvers<never>();
  const end = (): void => over.reject(new CriError('Unavailable', `${call}: given up`));
  const timer = deadlineMs === Infinity ? undefined : clock.setTimeout(() => over.reject(new CriError('DeadlineExceeded', `${call}: no answer within ${deadlineMs} ms`)), deadlineMs);
  signal?.addEventListener('abort', end, { once: true });
  try {
    return await Promise.race([work, over.promise]);
  } finally {
    timer?.cancel();
    signal?.removeEventListener('abort', end);
  }
}
