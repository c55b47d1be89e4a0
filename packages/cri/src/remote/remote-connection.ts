import { systemClock } from '@podling/shared/util';
import { CriError } from '../cri.ts';
import type { ContainerEventResponse, CriConnection } from '../v1/index.ts';
import { CriClient } from './cri-client.ts';
import { parseEndpoint } from './endpoint.ts';
import type { TlsFiles } from './endpoint.ts';
import { RemoteStreams } from './remote-streams.ts';
import { REQUEST_TIMEOUT_MS } from './remote-runtime.ts';
import type { RemoteRuntimeOptions } from './remote-runtime.ts';

export interface RemoteConnectionOptions extends Pick<RemoteRuntimeOptions, 'endpoint' | 'imageEndpoint' | 'tls' | 'requestTimeoutMs' | 'clock'> {
  /** Of the runtime's streaming server. Default: `tls`. */
  streamingTls?: TlsFiles;
}

/** To a runtime that speaks CRI v1, for tools: nothing is read into what it says. Fails with `InvalidArgument` for an endpoint that is none. */
export function createRemoteConnection(options: RemoteConnectionOptions): CriConnection {
  const { endpoint, imageEndpoint = endpoint, tls, streamingTls = tls, requestTimeoutMs: deadlineMs = REQUEST_TIMEOUT_MS, clock = systemClock } = options;
  const client = new CriClient({ runtime: parseEndpoint(endpoint, tls), image: parseEndpoint(imageEndpoint, tls), deadlineMs, clock });
  const streams = new RemoteStreams(client, streamingTls, clock);
  return {
    runtime: (call, request, limits) => client.runtime(call, request, limits),
    image: (call, request, limits) => client.image(call, request, limits),
    events: (signal) => eventsOf(client, signal),
    exec: (containerId, request) => streams.exec(containerId, request),
    attach: (containerId, request) => streams.attach(containerId, request),
    portForward: (sandboxId, port) => streams.portForward(sandboxId, port),
    close: async () => {
      streams.close();
      client.close();
    },
  };
}

async function* eventsOf(client: CriClient, signal: AbortSignal): AsyncGenerator<ContainerEventResponse> {
  if (signal.aborted) return;
  const stream = client.events();
  const stop = (): void => stream.cancel();
  signal.addEventListener('abort', stop, { once: true });
  try {
    yield* stream as AsyncIterable<ContainerEventResponse>;
    throw new CriError('Unavailable', 'GetContainerEvents: the container runtime ended the stream');
  } catch (error) {
    if (signal.aborted) return;
    throw error instanceof CriError ? error : client.eventsError(error);
  } finally {
    signal.removeEventListener('abort', stop);
    stream.cancel();
  }
}
