import { request as httpRequest, type ClientRequest, type IncomingMessage, type RequestOptions, type ServerResponse } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { pipeline } from 'node:stream/promises';
import { newServiceUnavailable } from '@podling/shared/api';
import { AddressSet } from './address-set.ts';
import { requestHeaders, responseHeaders } from './forwarded-headers.ts';
import type { KubeletAddressGuard } from './kubelet-address.ts';
import type { PodAddress } from './pod-address.ts';

export interface ForwardedRequest {
  request: IncomingMessage;
  response: ServerResponse;
  address: PodAddress;
  /** Path and query as the pod sees them. */
  path: string;
  /** The path that stands for the pod's `/` at our own door, without a trailing slash. */
  prefix: string;
  /** Aborts when the client goes or the server stops. */
  signal: AbortSignal;
  /** For an upgrade: gives the bare connection to the client, after which `response` is not used any more. */
  takeOver: (() => { wire: Socket; head: Buffer }) | undefined;
}

const connectTimeoutMs = 10_000;
const headersTimeoutMs = 5 * 60_000;

/** The addresses of this very machine; loopback is for the guard to judge. */
function ownAddresses(): AddressSet {
  return new AddressSet(Object.values(networkInterfaces()).flatMap((list) => (list ?? []).filter(({ internal }) => !internal).map(({ address }) => address)));
}

/**
 * Requests from clients to pods: bodies stream both ways, redirects are the client's to follow, an upgrade passes when the
 * pod answers 101 and is an answer like any other when not. The pod's certificate is not checked, as in Kubernetes.
 * Upstream twin: apimachinery `UpgradeAwareHandler`.
 */
export class PodProxy {
  readonly #guard: KubeletAddressGuard;

  constructor(guard: KubeletAddressGuard) {
    this.#guard = guard;
  }

  /** Whether an address is none of a pod: of this machine, of a link or of nowhere; those of nodes the caller knows. */
  isForeign(address: string): boolean {
    return !this.#guard.allows(address) || ownAddresses().has(address);
  }

  /** Resolves when the answer has been passed on. Throws 503 when the pod does not answer. */
  async forward(forwarded: ForwardedRequest): Promise<void> {
    const { request, takeOver } = forwarded;
    const outgoing = send(forwarded);
    const answered = answerOf(outgoing);
    if (takeOver) outgoing.end();
    else pipeline(request, outgoing).catch(() => undefined);
    const { answer, upgraded } = await answered;
    if (upgraded && takeOver) return join(answer, upgraded, takeOver());
    upgraded?.wire.destroy();
    await passOn(answer, forwarded);
  }
}

function send({ request, address, path, prefix, signal, takeOver }: ForwardedRequest): ClientRequest {
  const { scheme, host, port } = address;
  const hostHeader = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const headers = requestHeaders(request, hostHeader, prefix + path.replace(/\?.*$/s, ''));
  if (takeOver) Object.assign(headers, { connection: 'Upgrade', upgrade: request.headers.upgrade });
  const options: RequestOptions & { rejectUnauthorized: boolean } = {
    host, port, path, headers, signal, agent: false, method: request.method ?? 'GET', rejectUnauthorized: false,
  };
  return scheme === 'https' ? httpsRequest(options) : httpRequest(options);
}

interface Answer {
  answer: IncomingMessage;
  upgraded?: { wire: Socket; head: Buffer };
}

async function answerOf(outgoing: ClientRequest): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const giveUp = (what: string): void => void outgoing.destroy(new Error(what));
  let timer = setTimeout(() => giveUp('no connection in time'), connectTimeoutMs);
  outgoing.once('socket', (socket) => socket.once('connect', () => {
    clearTimeout(timer);
    timer = setTimeout(() => giveUp('no answer in time'), headersTimeoutMs);
  }));
  outgoing.once('response', (answer) => resolve({ answer }));
  outgoing.once('upgrade', (answer, wire, head) => resolve({ answer, upgraded: { wire: wire as Socket, head } }));
  outgoing.on('error', reject);
  try {
    return await promise;
  } catch (cause) {
    throw newServiceUnavailable(`error trying to reach service: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  } finally {
    clearTimeout(timer);
  }
}

async function passOn(answer: IncomingMessage, { response, address, prefix }: ForwardedRequest): Promise<void> {
  const headers = responseHeaders(answer);
  const { location } = answer.headers;
  if (location !== undefined) headers['location'] = rewritten(location, address, prefix);
  response.writeHead(answer.statusCode ?? 502, headers);
  response.flushHeaders();
  await pipeline(answer, response).catch(() => response.destroy());
}

/** A redirect to the pod itself leads through us again; any other is left as it is. */
function rewritten(location: string, { host, port }: PodAddress, prefix: string): string {
  const own = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const absolute = URL.parse(location);
  if (absolute === null) return location.startsWith('/') && !location.startsWith('//') && !isWithin(location, prefix) ? prefix + location : location;
  const port80 = absolute.port === '' ? `${absolute.hostname}:${absolute.protocol === 'https:' ? 443 : 80}` : absolute.host;
  return port80 === own ? `${prefix}${absolute.pathname}${absolute.search}${absolute.hash}` : location;
}

const isWithin = (path: string, prefix: string): boolean => path === prefix || path.startsWith(`${prefix}/`);

/** From here on the two ends speak with one another, until either has ended. */
async function join(answer: IncomingMessage, pod: { wire: Socket; head: Buffer }, client: { wire: Socket; head: Buffer }): Promise<void> {
  const lines = Object.entries(answer.headers).flatMap(([name, value]) => [value ?? []].flat().map((one) => `${name}: ${one}`));
  client.wire.write(`HTTP/1.1 101 ${answer.statusMessage ?? 'Switching Protocols'}\r\n${lines.join('\r\n')}\r\n\r\n`);
  if (pod.head.length > 0) client.wire.write(pod.head);
  if (client.head.length > 0) pod.wire.write(client.head);
  const both = [pipeline(client.wire, pod.wire), pipeline(pod.wire, client.wire)];
  await Promise.allSettled(both);
  client.wire.destroy();
  pod.wire.destroy();
}
