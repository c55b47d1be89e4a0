import type { Duplex } from 'node:stream';
import type { SpdyConnection } from '../../spdy/index.ts';
import type { ConnectOptions, RestClient } from '../client.ts';

/** One connection to a port of a pod. */
export interface ForwardedStream {
  /** Half-closes as TCP does. */
  readonly data: Duplex;
  /** What went wrong with it at the far end; undefined when nothing did. Resolves when that end is done, or gone. */
  readonly failure: Promise<string | undefined>;
}

/** A way into a pod, for any number of connections to any of its ports. One that is not read holds the others up. */
export interface PortForward {
  connect(port: number): ForwardedStream;
  /** Resolves when the way is gone, whoever ended it. */
  readonly closed: Promise<void>;
  close(): void;
}

const MAX_FAILURE_BYTES = 64 * 1024;
const PROTOCOL = 'SPDY/3.1+portforward.k8s.io';

/**
 * Opens a pod's portforward subresource: SPDY/3.1 inside a WebSocket. Rejects as `RestClient.connect`.
 * Upstream twin: client-go's tools/portforward with its tunneling dialer.
 */
export async function openPortForward(rest: Pick<RestClient, 'connect'>, options: Omit<ConnectOptions, 'protocols'>): Promise<PortForward> {
  const { messages } = await rest.connect({ ...options, protocols: [PROTOCOL] });
  // Only here: exec and attach, which are loaded with this, do without.
  const { SpdyConnection: Connection } = await import('../../spdy/index.ts');
  const connection = new Connection(messages, { role: 'client' });
  let lastId = 0;
  return {
    connect: (port) => forward(connection, port, (lastId += 1)),
    closed: connection.closed,
    close: () => connection.close(),
  };
}

function forward(connection: SpdyConnection, port: number, id: number): ForwardedStream {
  const about = { port: String(port), requestid: String(id) };
  const error = connection.open({ ...about, streamtype: 'error' });
  error.end();
  const data = connection.open({ ...about, streamtype: 'data' });
  return { data, failure: readFailure(error) };
}

async function readFailure(stream: Duplex): Promise<string | undefined> {
  let text = '';
  for await (const chunk of stream) if (text.length < MAX_FAILURE_BYTES) text += String(chunk);
  return text === '' ? undefined : text;
}
