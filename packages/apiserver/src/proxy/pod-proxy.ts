import { request as httpRequest, type ClientRequest, type IncomingMessage, type RequestOptions, type ServerResponse } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { networkInterfaces } from 'node:os';
import { pipeline } from 'node:stream/promises';
import { newServiceUnavailable } from '@podling/shared/api';
import type { Upgrade } from '@podling/shared/upgrade';
import { AddressSet } from './address-set.ts';
import { requestHeaders, responseHeaders } from './forwarded-headers.ts';
import type { KubeletAddressGuard } from './kubelet-address.ts';
import type { PodAddress } from './pod-address.ts';
import { answerOf, joinUpgraded } from './upgraded.ts';

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
  takeOver: (() => Upgrade) | undefined;
}

/** A pod may think for as long. */
const answerTimeoutMs = 5 * 60_000;

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
    const answered = answerOf(outgoing, answerTimeoutMs).catch((cause: unknown) => {
      throw newServiceUnavailable(`error trying to reach service: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    });
    if (takeOver) outgoing.end();
    else pipeline(request, outgoing).catch(() => undefined);
    const { answer, upgraded } = await answered;
    if (upgraded && takeOver) return joinUpgraded(answer, upgraded, takeOver);
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
