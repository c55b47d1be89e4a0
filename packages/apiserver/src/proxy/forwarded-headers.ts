import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { withoutTokens } from '../authentication/token-protocol.ts';

/** Of one connection, not of the message (RFC 9110, 7.6.1). */
const hopHeaders = ['connection', 'proxy-connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'te', 'trailer', 'transfer-encoding', 'upgrade'];
/** Who the client is to us is nobody else's business; the rest is said anew. */
const ownHeaders = new Set([...hopHeaders, 'authorization', 'host', 'expect', 'x-forwarded-for', 'x-forwarded-uri', 'x-forwarded-host', 'x-forwarded-proto']);
const ownPrefixes = ['impersonate-', 'x-remote-'];

function namedHops({ connection = '' }: IncomingHttpHeaders): Set<string> {
  return new Set(String(connection).toLowerCase().split(',').map((name) => name.trim()));
}

function isOwn(name: string): boolean {
  return ownHeaders.has(name) || ownPrefixes.some((prefix) => name.startsWith(prefix));
}

/** What a pod is sent: the client's headers without its credentials towards us, and where the request came from. */
export function requestHeaders(request: IncomingMessage, host: string, forwardedUri: string): OutgoingHttpHeaders {
  const hops = namedHops(request.headers);
  const kept = Object.entries(request.headers).filter(([name]) => !isOwn(name) && !hops.has(name));
  const headers: OutgoingHttpHeaders = Object.fromEntries(kept);
  const protocols = headers['sec-websocket-protocol'];
  if (typeof protocols === 'string') headers['sec-websocket-protocol'] = withoutTokens(protocols);
  if (headers['sec-websocket-protocol'] === '') delete headers['sec-websocket-protocol'];
  if (request.headers['transfer-encoding'] !== undefined) headers['transfer-encoding'] = 'chunked';
  return {
    ...headers,
    host,
    'x-forwarded-for': request.socket.remoteAddress ?? '',
    'x-forwarded-uri': forwardedUri,
    'x-forwarded-host': request.headers.host ?? '',
    'x-forwarded-proto': 'encrypted' in request.socket ? 'https' : 'http',
  };
}

/** What the client is sent of a pod's answer. */
export function responseHeaders({ headers }: IncomingMessage): OutgoingHttpHeaders {
  const hops = namedHops(headers);
  return Object.fromEntries(Object.entries(headers).filter(([name, value]) => value !== undefined && !hopHeaders.includes(name) && !hops.has(name)));
}
