import type { OutgoingHttpHeaders } from 'node:http';
import { isIPv6 } from 'node:net';
import type { Container, HTTPGetAction } from '@podling/shared/api';
import { resolveContainerPort } from './container-port.ts';

/** One GET to make. Upstream twin: `probe/http.NewRequestForHTTPGetAction`. */
export interface HttpTarget {
  scheme: 'http' | 'https';
  host: string;
  port: number;
  /** `host:port` as in a URL. */
  address: string;
  /** Path and query. */
  path: string;
  headers: OutgoingHttpHeaders;
}

/** What frames a request is ours alone. */
const ownHeaders = new Set(['connection', 'content-length', 'transfer-encoding', 'trailer', 'keep-alive', 'upgrade']);

export function httpTarget(action: HTTPGetAction, container: Container, podIP: string, purpose: 'probe' | 'lifecycle'): HttpTarget {
  const host = action.host || podIP;
  const port = resolveContainerPort(action.port, container);
  const scheme = action.scheme === 'HTTPS' ? 'https' : 'http';
  return { scheme, host, port, address: addressOf(host, port), path: requestPath(action.path ?? ''), headers: headersOf(action, purpose) };
}

/** The same request in the clear; it does not show what was meant for TLS. */
export function withoutTls(target: HttpTarget): HttpTarget {
  const headers = Object.entries(target.headers).filter(([name]) => name !== 'authorization' && name !== 'cookie');
  return { ...target, scheme: 'http', headers: Object.fromEntries(headers) };
}

export function urlOf({ scheme, address, path }: HttpTarget): string {
  return `${scheme}://${address}${path}`;
}

export function addressOf(host: string, port: number): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

/** As written, dots included: only what cannot stand in a request line is escaped. */
function requestPath(path: string): string {
  const [withoutFragment = ''] = path.split('#', 1);
  const escaped = withoutFragment.replace(/[^\x21-\x7e]+/g, (text) => encodeURIComponent(text.toWellFormed()));
  return escaped.startsWith('/') ? escaped : `/${escaped}`;
}

/** An empty `Accept` means none at all. */
function headersOf({ httpHeaders = [] }: HTTPGetAction, purpose: string): OutgoingHttpHeaders {
  const headers: Record<string, string | string[]> = {};
  for (const { name, value } of httpHeaders) {
    const key = name.toLowerCase();
    if (ownHeaders.has(key)) continue;
    const known = headers[key];
    headers[key] = known === undefined ? value : [known, value].flat();
  }
  if (Array.isArray(headers['host'])) headers['host'] = headers['host'][0] ?? '';
  if (!headers['host']) delete headers['host'];
  headers['user-agent'] ??= `kube-${purpose}/1.36`;
  headers['accept'] ??= '*/*';
  if (headers['accept'] === '') delete headers['accept'];
  return headers;
}
