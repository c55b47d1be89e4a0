import type { IncomingMessage, ServerResponse } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import type { Readable } from 'node:stream';
import { Agent, request as send } from 'undici';
import type { Dispatcher } from 'undici';
import { newBadRequest, newStatusError } from '@podling/shared/api';
import type { ApiStatusError, Node } from '@podling/shared/api';
import type { Upgrade } from '@podling/shared/upgrade';
import { requestHeaders } from './forwarded-headers.ts';
import type { KubeletAddressGuard } from './kubelet-address.ts';
import { answerOf, joinUpgraded, passRefusal } from './upgraded.ts';
import type { Answer } from './upgraded.ts';

/** Who we are to a kubelet, as PEM texts. */
export interface KubeletCredentials {
  clientCertificate?: string;
  clientKey?: string;
  /** The CA of the kubelets' serving certificates. Without it they are not checked, as in Kubernetes. */
  certificateAuthority?: string;
}

export interface KubeletAnswer {
  code: number;
  contentType: string;
  body: Readable;
}

/** A client's upgrade on its way to a kubelet. */
export interface UpgradeRequest {
  request: IncomingMessage;
  response: ServerResponse;
  /** Path and query at the kubelet. */
  path: string;
  /** Aborts when the client goes or the server stops. */
  signal: AbortSignal;
  /** Gives the client's bare connection, after which `response` is not used any more. */
  takeOver: () => Upgrade;
}

const addressTypes = ['InternalIP', 'Hostname', 'InternalDNS', 'ExternalIP'] as const;
const defaultKubeletPort = 10_250;
const connectTimeoutMs = 5_000;
const headersTimeoutMs = 30_000;
const hostName = /^[A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?$/;

/** 503 without a time to try again: clients would wait out a dead node's kubelet many times over before they say so. */
function newUnreachable(message: string, options?: ErrorOptions): ApiStatusError {
  return newStatusError({ code: 503, reason: 'ServiceUnavailable', message }, options);
}

/** `https://ADDRESS:PORT` of a node's kubelet, as the node reports it. Throws 503 without an address, 400 for one that is refused. */
function kubeletOrigin({ metadata, status }: Node, guard: KubeletAddressGuard): string {
  const addresses = status?.addresses ?? [];
  const address = addressTypes.map((wanted) => addresses.find(({ type }) => type === wanted)?.address).find((text) => text);
  if (!address) throw newUnreachable(`no preferred addresses found; known addresses: [] (node ${JSON.stringify(metadata.name)})`);
  const port = status?.daemonEndpoints?.kubeletEndpoint?.Port || defaultKubeletPort;
  const origin = `https://${address.includes(':') ? `[${address}]` : address}:${port}`;
  const isHost = (isIP(address) !== 0 || hostName.test(address)) && URL.canParse(origin);
  // Read back from the URL, where 127.1 has become 127.0.0.1.
  const host = isHost ? new URL(origin).hostname.replace(/^\[|\]$/g, '') : '';
  if (!isHost || (isIP(host) !== 0 && !guard.allows(host))) throw newBadRequest(`address not allowed: ${JSON.stringify(address)} of node ${JSON.stringify(metadata.name)}`);
  return origin;
}

interface TlsOptions {
  lookup: LookupFunction;
  cert?: string;
  key?: string;
  ca?: string;
  rejectUnauthorized?: false;
}

/** Requests from the apiserver to kubelets, with its own client certificate. Redirects are not followed. */
export class NodeProxy {
  readonly #agent: Dispatcher;
  /** Takes any certificate. */
  readonly #credulous: Dispatcher;
  readonly #guard: KubeletAddressGuard;
  readonly #tls: TlsOptions;

  constructor({ clientCertificate, clientKey, certificateAuthority }: KubeletCredentials, guard: KubeletAddressGuard) {
    this.#guard = guard;
    this.#tls = {
      lookup: guard.lookup,
      ...(clientCertificate && clientKey ? { cert: clientCertificate, key: clientKey } : {}),
      ...(certificateAuthority ? { ca: certificateAuthority } : { rejectUnauthorized: false }),
    };
    const limits = { headersTimeout: headersTimeoutMs, bodyTimeout: 0 };
    this.#agent = new Agent({ ...limits, connect: { timeout: connectTimeoutMs, ...this.#tls } });
    this.#credulous = new Agent({ ...limits, connect: { timeout: connectTimeoutMs, ...this.#tls, rejectUnauthorized: false } });
  }

  /**
   * GET `path` (with its query). The body streams until its end or until `signal` aborts. Throws 503 when the kubelet cannot
   * be reached, 400 for a node that gives an address we do not go to. With `anyCertificate` the kubelet may show any.
   */
  async get(node: Node, path: string, signal: AbortSignal, { anyCertificate = false } = {}): Promise<KubeletAnswer> {
    const origin = kubeletOrigin(node, this.#guard);
    try {
      const { statusCode, headers, body } = await send(`${origin}${path}`, { dispatcher: anyCertificate ? this.#credulous : this.#agent, signal });
      return { code: statusCode, contentType: String(headers['content-type'] ?? 'text/plain'), body };
    } catch (cause) {
      throw unreachable(node, origin, cause);
    }
  }

  /**
   * Joins a client's connection with one to the kubelet once that has said 101, and resolves when both have ended. Any other
   * answer goes to the client as it is, and both connections are closed; a redirect is 502. Throws as `get` does.
   */
  async upgrade(node: Node, { request, response, path, signal, takeOver }: UpgradeRequest): Promise<void> {
    const origin = kubeletOrigin(node, this.#guard);
    const headers = { ...requestHeaders(request, new URL(origin).host, path.replace(/\?.*$/s, '')), connection: 'Upgrade', upgrade: request.headers.upgrade };
    const outgoing = httpsRequest(`${origin}${path}`, { ...this.#tls, method: request.method ?? 'GET', headers, signal, agent: false });
    outgoing.end();
    const { answer, upgraded } = await answerOf(outgoing, headersTimeoutMs).catch((cause: unknown): Answer => {
      throw unreachable(node, origin, cause);
    });
    if (upgraded) return joinUpgraded(answer, upgraded, takeOver);
    if (isRedirect(answer)) {
      answer.destroy();
      throw newStatusError({ code: 502, reason: 'InternalError', message: 'the backend attempted to redirect this request, which is not permitted' });
    }
    await passRefusal(answer, response);
  }

  async close(): Promise<void> {
    await Promise.all([this.#agent.destroy(), this.#credulous.destroy()]);
  }
}

function unreachable({ metadata }: Node, origin: string, cause: unknown): ApiStatusError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return newUnreachable(`the kubelet of node ${JSON.stringify(metadata.name)} at ${origin} cannot be reached: ${why}`, { cause });
}

function isRedirect({ statusCode = 0 }: IncomingMessage): boolean {
  return statusCode >= 300 && statusCode < 400;
}
