import type { Agent, AgentOptions, ClientRequest, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type * as Http from 'node:http';
import type { Socket } from 'node:net';
import type { ClientConfig } from './client.ts';

/** A list is one header for each of its values. */
export type OutgoingHeaders = Record<string, string | readonly string[]>;

export interface HttpRequest {
  method: string;
  /** With its query. */
  path: string;
  headers: OutgoingHeaders;
  body?: string | Uint8Array;
  signal: AbortSignal;
}

/** Requests to one server over kept-alive connections. Errors are the socket's own, or the reason of the signal. */
export interface HttpTransport {
  /**
   * Connects ahead of the first request, which takes that connection: the handshake goes on while it is being prepared.
   * Tells no failure: the request connects again.
   */
  connect(): void;
  /** Resolves when the head of the answer is there; the body is the caller's to read or destroy. */
  send(request: HttpRequest): Promise<IncomingMessage>;
  /** Whose connections these are: what asks to be upgraded goes over one that is open, without another TLS handshake. */
  agent(): Agent;
  /** Closes every connection, idle or not. The next request opens a new one. */
  destroy(): void;
}

/** TCP and TLS together. */
const connectTimeoutMs = 4_000;
/** An idle connection is closed after this, or a little before the server would (its `Keep-Alive` header). */
const lasting = { keepAlive: true, keepAliveInitialDelay: 1_000, noDelay: true, timeout: 60_000 };

/** Nothing is loaded or connected before the first call. */
export function createHttpTransport(config: ClientConfig): HttpTransport {
  const { protocol, hostname, port } = new URL(config.server);
  const isSecure = protocol === 'https:';
  const target = { host: hostname.replace(/^\[|\]$/g, ''), port: port || (isSecure ? 443 : 80) };
  let made: Connections | undefined;
  const connections = (): Connections => (made ??= isSecure ? secureConnections(config) : connectionsOf(new (http().Agent)(lasting), lasting));
  return {
    connect() {
      try {
        connections();
      } catch {
        // Certificates that are none: the request fails with them too, and tells.
        return;
      }
      connections().ahead(target);
    },
    agent: () => connections().agent,
    async send({ body, headers, ...request }) {
      const outgoing = (isSecure ? https() : http()).request({ ...target, ...request, headers: withLength(headers, body), agent: connections().agent });
      outgoing.end(body);
      return answerOf(outgoing);
    },
    destroy() {
      made?.destroy();
    },
  };
}

/** The whole body as text. Throws when it breaks off. */
export async function readText(answer: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of answer.setEncoding('utf8')) text += chunk as string;
  return text;
}

// Not imported: a module namespace of node:http evaluates its lazy parts too, which takes ten times as long to load.
const http = (): typeof Http => process.getBuiltinModule('node:http');
const https = () => process.getBuiltinModule('node:https');

function secureConnections(config: ClientConfig): Connections {
  const { certificateAuthority, clientCertificate, clientKey, insecureSkipTlsVerify, tlsServerName } = config;
  const { createSecureContext } = process.getBuiltinModule('node:tls');
  const options = {
    ...lasting,
    ALPNProtocols: ['http/1.1'],
    rejectUnauthorized: insecureSkipTlsVerify !== true,
    ...(tlsServerName === undefined ? {} : { servername: tlsServerName }),
    secureContext: createSecureContext({
      ...(certificateAuthority === undefined ? {} : { ca: certificateAuthority }),
      ...(clientCertificate === undefined ? {} : { cert: clientCertificate }),
      ...(clientKey === undefined ? {} : { key: clientKey }),
    }),
  };
  return connectionsOf(new (https().Agent)(options), options);
}

/** Node adds it by itself, but not to a DELETE. */
function withLength(headers: OutgoingHeaders, body: string | Uint8Array | undefined): OutgoingHttpHeaders {
  const all = headers as OutgoingHttpHeaders;
  return body === undefined ? all : { ...all, 'content-length': Buffer.byteLength(body) };
}

function answerOf(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.on('response', resolve).on('error', reject);
  });
}

interface Connections {
  agent: Agent;
  ahead(target: { host: string; port: string | number }): void;
  destroy(): void;
}

/** Each with a deadline, and the first one ahead of its request if that is asked for. `options` are the agent's. */
function connectionsOf(agent: Agent, options: AgentOptions): Connections {
  const connect = agent.createConnection.bind(agent);
  let ready: Socket | undefined;
  const opened = (...args: Parameters<typeof connect>): Socket => limitConnecting(connect(...args) as Socket);
  agent.createConnection = (...args) => {
    const taken = ready;
    ready = undefined;
    return taken === undefined || taken.destroyed ? opened(...args) : taken;
  };
  return {
    agent,
    ahead(target) {
      const { isIP } = process.getBuiltinModule('node:net');
      const servername = isIP(target.host) === 0 ? { servername: target.host } : {};
      ready ??= opened({ ...servername, ...options, ...target }).on('error', () => undefined);
    },
    destroy() {
      agent.destroy();
      ready?.destroy();
    },
  };
}

function limitConnecting(socket: Socket): Socket {
  const giveUp = (): void => void socket.destroy(new Error(`no connection within ${connectTimeoutMs} ms`));
  const timer = setTimeout(giveUp, connectTimeoutMs);
  const stop = (): void => clearTimeout(timer);
  return socket.once('encrypted' in socket ? 'secureConnect' : 'connect', stop).once('close', stop);
}
