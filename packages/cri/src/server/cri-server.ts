import { rmSync } from 'node:fs';
import { Server, ServerCredentials, status } from '@grpc/grpc-js';
import type { handleUnaryCall, sendUnaryData, ServerUnaryCall, ServerWritableStream, UntypedHandleCall, UntypedServiceImplementation } from '@grpc/grpc-js';
import { systemClock } from '@podling/shared/util';
import type { Clock, Logger } from '@podling/shared/util';
import type { CriRuntime } from '../cri.ts';
import { loadServices } from '../v1/index.ts';
import type { ContainerEventResponse, Empty, Sent } from '../v1/index.ts';
import { callStatus } from './call-status.ts';
import { EventFeed } from './event-feed.ts';
import { imageHandlers } from './image-service.ts';
import { clearSocket, protectedly, socketPath } from './listen-socket.ts';
import { runtimeHandlers } from './runtime-service.ts';
import type { StreamUrls } from './runtime-service.ts';

export interface CriServerOptions {
  runtime: CriRuntime;
  /** `unix:///run/podling/cri.sock`. */
  listen: string;
  urls: StreamUrls;
  clock?: Clock;
  logger: Logger;
}

export interface CriServer {
  start(): Promise<void>;
  /** Ends event streams and calls under way; the runtime is its owner's to close. */
  stop(): Promise<void>;
}

const STOP_MS = 2_000;
/** As Kubernetes' clients take. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

/** Serves any runtime as CRI v1 on a unix socket. `start` fails with `InvalidArgument` where it cannot listen. */
export function createCriServer({ runtime, listen, urls, clock = systemClock, logger }: CriServerOptions): CriServer {
  const server = new Server({ 'grpc.max_receive_message_length': MAX_MESSAGE_BYTES });
  const path = socketPath(listen);
  const { runtime: runtimeService, image } = loadServices();
  const stopping = new AbortController();
  const calls: CallParts = { underWay: new Set(), logger };
  server.addService(runtimeService, { ...unary({ ...runtimeHandlers(runtime, urls, clock) }, calls), GetContainerEvents: eventStream(runtime, stopping.signal, logger) });
  server.addService(image, unary({ ...imageHandlers(runtime) }, calls));
  return {
    start: async () => {
      await clearSocket(path);
      await protectedly(path, (own) => bind(server, own));
      logger.info({ listen }, 'serving CRI v1');
    },
    stop: async () => {
      for (const call of [stopping, ...calls.underWay]) call.abort();
      await shutDown(server, clock);
      rmSync(path, { force: true });
    },
  };
}

type AnyHandler = (request: never, signal: AbortSignal) => Promise<object>;

interface CallParts {
  underWay: Set<AbortController>;
  logger: Logger;
}

function unary(handlers: Record<string, AnyHandler>, { underWay, logger }: CallParts): UntypedServiceImplementation {
  const entries = Object.entries(handlers).map(([call, handler]) => {
    const handle: handleUnaryCall<never, object> = (incoming: ServerUnaryCall<never, object>, answer: sendUnaryData<object>) => {
      const gone = new AbortController();
      incoming.on('cancelled', () => gone.abort());
      underWay.add(gone);
      handler(incoming.request, gone.signal).finally(() => underWay.delete(gone)).then(
        (response) => answer(null, response),
        (error: unknown) => {
          const failure = callStatus(error);
          if (failure.code === status.INTERNAL) logger.error({ err: error, call }, 'call failed');
          answer(failure);
        },
      );
    };
    return [call, handle as UntypedHandleCall];
  });
  return Object.fromEntries(entries) as UntypedServiceImplementation;
}

function eventStream(runtime: CriRuntime, stopping: AbortSignal, logger: Logger): UntypedHandleCall {
  const feed = new EventFeed(runtime);
  const serve = async (call: ServerWritableStream<Empty, Sent<ContainerEventResponse>>): Promise<void> => {
    const gone = new AbortController();
    call.on('cancelled', () => gone.abort());
    for await (const event of runtime.events(AbortSignal.any([gone.signal, stopping]))) {
      if (!call.write(await feed.message(event))) await drained(call);
    }
    call.end();
  };
  return ((call: ServerWritableStream<Empty, Sent<ContainerEventResponse>>) => {
    serve(call).catch((error: unknown) => {
      logger.warn({ err: error }, 'event stream ended');
      call.emit('error', callStatus(error));
    });
  }) as UntypedHandleCall;
}

function drained(call: ServerWritableStream<Empty, Sent<ContainerEventResponse>>): Promise<void> {
  return new Promise((resolve) => {
    for (const event of ['drain', 'cancelled', 'close']) call.once(event, () => resolve());
  });
}

function bind(server: Server, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(`unix:${path}`, ServerCredentials.createInsecure(), (error, port) => (error === null ? resolve(port) : reject(error)));
  });
}

function shutDown(server: Server, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.setTimeout(() => {
      server.forceShutdown();
      resolve();
    }, STOP_MS);
    server.tryShutdown(() => {
      timer.cancel();
      resolve();
    });
  });
}
