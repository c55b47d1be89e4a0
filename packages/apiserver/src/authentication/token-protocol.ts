import type { IncomingHttpHeaders } from 'node:http';
import { newUnauthorized } from '@podling/shared/api';

/** A browser sets no headers on a WebSocket: its bearer token comes as a subprotocol, in base64url without padding. */
const prefix = 'base64url.bearer.authorization.k8s.io.';
const encoded = /^[\w-]+$/;
const header = 'sec-websocket-protocol';

const protocolsOf = (value: string): string[] => value.split(',').map((protocol) => protocol.trim());
const isToken = (protocol: string): boolean => protocol.startsWith(prefix);

/** The subprotocols but those that carry a token. */
export const withoutTokens = (value: string): string => protocolsOf(value).filter((protocol) => !isToken(protocol)).join(', ');

/**
 * The token among a WebSocket's subprotocols. Undefined: there is none. 401 for one that is not readable, for several, and for
 * one alone: the answer must name a subprotocol, and never this one. Upstream twin: apiserver's `ProtocolAuthenticator`.
 */
export function protocolToken(headers: IncomingHttpHeaders): string | undefined {
  if (String(headers.upgrade).toLowerCase() !== 'websocket') return undefined;
  const protocols = protocolsOf(headers[header] ?? '');
  const [token, ...more] = protocols.filter(isToken);
  if (token === undefined) return undefined;
  if (more.length > 0 || protocols.length === 1) throw newUnauthorized();
  return decoded(token.slice(prefix.length));
}

function decoded(text: string): string {
  if (!encoded.test(text)) throw newUnauthorized();
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(text, 'base64url'));
  } catch (cause) {
    throw newUnauthorized({ cause });
  }
}

/** What has been read is not answered with, and not handed on. */
export function dropTokens(headers: IncomingHttpHeaders): void {
  headers[header] = withoutTokens(headers[header] ?? '');
}
