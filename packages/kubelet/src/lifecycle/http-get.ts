import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as TlsAgent, request as httpsRequest } from 'node:https';
import { connectionText } from './connection-text.ts';
import { addressOf, urlOf, withoutTls, type HttpTarget } from './http-target.ts';
import { maxOutputBytes } from './printable-text.ts';

export interface HttpAnswer {
  statusCode: number;
  /** The first 10 KiB. */
  body: Buffer;
}

/** The other side speaks http where https was asked for. */
export class NotTlsError extends Error {
  override readonly name = 'NotTlsError';
}

const maxRedirects = 10;
const maxHeaderSize = 64 * 1024;
/** One connection per request, closed after it; no certificate is checked, as in Kubernetes. */
const agents = { http: new Agent({ keepAlive: false }), https: new TlsAgent({ keepAlive: false, rejectUnauthorized: false, maxCachedSessions: 0 }) };

/**
 * GETs and follows redirects on the same host; the answer is the last one, which may be a redirect to elsewhere.
 * Fails with the text Kubernetes would show, with `NotTlsError`, or with `signal`'s reason. Uses no proxy.
 */
export async function httpGet(target: HttpTarget, signal: AbortSignal): Promise<HttpAnswer> {
  let current = target;
  for (let redirects = 0; ; redirects += 1) {
    const { location, ...answer } = await requestOnce(current, signal);
    const next = location === undefined ? undefined : redirected(current, location);
    if (next === undefined) return answer;
    if (redirects + 1 >= maxRedirects) throw new Error(`Get ${JSON.stringify(urlOf(next))}: stopped after ${maxRedirects} redirects`);
    current = next;
  }
}

interface RawAnswer extends HttpAnswer {
  location: string | undefined;
}

function requestOnce(target: HttpTarget, signal: AbortSignal): Promise<RawAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>();
  const { scheme, host, port, path, headers } = target;
  const send = scheme === 'https' ? httpsRequest : httpRequest;
  const fail = (error: Error): void => reject(signal.aborted ? (signal.reason as Error) : explained(target, error));
  try {
    const request = send({ agent: agents[scheme], host, port, path, headers, signal, maxHeaderSize, servername: '' });
    request.on('error', fail);
    request.on('upgrade', ({ statusCode = 0 }, socket) => {
      resolve({ statusCode, body: Buffer.alloc(0), location: undefined });
      socket.destroy();
    });
    request.on('response', (response) => readAnswer(response).then(resolve, fail).finally(() => request.destroy()));
    request.end();
  } catch (error) {
    fail(error instanceof Error ? error : new Error(String(error)));
  }
  return promise;
}

async function readAnswer(response: IncomingMessage): Promise<RawAnswer> {
  const { statusCode = 0, headers } = response;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const chunks: Buffer[] = [];
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= maxOutputBytes) resolve();
  });
  response.on('end', resolve);
  response.on('error', reject);
  response.on('close', resolve);
  await promise;
  const follows = [301, 302, 303, 307, 308].includes(statusCode);
  return { statusCode, body: Buffer.concat(chunks).subarray(0, maxOutputBytes), location: follows ? headers.location : undefined };
}

/** Undefined: it leads to another host, or nowhere. A `Host` header goes along with relative redirects only. */
function redirected(target: HttpTarget, location: string): HttpTarget | undefined {
  if (!URL.canParse(location, urlOf(target))) return undefined;
  const url = new URL(location, urlOf(target));
  const scheme = url.protocol.replace(/:$/, '');
  if ((scheme !== 'http' && scheme !== 'https') || url.hostname !== new URL(urlOf(target)).hostname) return undefined;
  const port = url.port === '' ? (scheme === 'https' ? 443 : 80) : Number(url.port);
  const { host: _, ...others } = target.headers;
  const headers = URL.canParse(location) ? others : target.headers;
  const next: HttpTarget = { scheme, host: target.host, port, address: addressOf(target.host, port), path: `${url.pathname}${url.search}`, headers };
  return target.scheme === 'https' && scheme === 'http' ? withoutTls(next) : next;
}

function explained(target: HttpTarget, error: Error): Error {
  const url = JSON.stringify(urlOf(target));
  if (target.scheme === 'https' && /wrong version number|packet length too long|http request/i.test(error.message)) {
    return new NotTlsError(`Get ${url}: http: server gave HTTP response to HTTPS client`, { cause: error });
  }
  return new Error(`Get ${url}: ${connectionText(error, target.address)}`, { cause: error });
}
