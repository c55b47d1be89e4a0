import type { Agent, ClientRequest, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type * as Http from 'node:http';
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
const idleTimeoutMs = 60_000;

/** Nothing is loaded or connected before the first request. */
export function createHttpTransport(config: ClientConfig): HttpTransport {
  const { protocol, hostname, port } = new URL(config.server);
  const isSecure = protocol === 'https:';
  const target = { hostname: hostname.replace(/^\[|\]$/g, ''), port };
  let made: Agent | undefined;
  const agent = (): Agent => (made ??= isSecure ? secureAgent(config) : new (http().Agent)({ keepAlive: true, timeout: idleTimeoutMs }));
  return {
    agent,
    async send({ body, headers, ...request }) {
      const outgoing = (isSecure ? https() : http()).request({ ...target, ...request, headers: withLength(headers, body), agent: agent() });
      limitConnecting(outgoing, isSecure ? 'secureConnect' : 'connect');
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

function secureAgent(config: ClientConfig): Agent {
  const { certificateAuthority, clientCertificate, clientKey, insecureSkipTlsVerify, tlsServerName } = config;
  const { createSecureContext } = process.getBuiltinModule('node:tls');
  return new (https().Agent)({
    keepAlive: true,
    timeout: idleTimeoutMs,
    rejectUnauthorized: insecureSkipTlsVerify !== true,
    ...(tlsServerName === undefined ? {} : { servername: tlsServerName }),
    secureContext: createSecureContext({
      ...(certificateAuthority === undefined ? {} : { ca: certificateAuthority }),
      ...(clientCertificate === undefined ? {} : { cert: clientCertificate }),
      ...(clientKey === undefined ? {} : { key: clientKey }),
    }),
  });
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

function limitConnecting(request: ClientRequest, connected: 'connect' | 'secureConnect'): void {
  request.once('socket', (socket) => {
    if (request.reusedSocket) return;
    const giveUp = (): void => void request.destroy(new Error(`no connection within ${connectTimeoutMs} ms`));
    const timer = setTimeout(giveUp, connectTimeoutMs);
    const stop = (): void => clearTimeout(timer);
    socket.once(connected, stop);
    request.once('close', stop);
  });
}
