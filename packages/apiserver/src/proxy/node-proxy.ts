import { Agent, request as send } from 'undici';
import type { Dispatcher } from 'undici';
import { newServiceUnavailable } from '@podling/shared/api';
import type { Node } from '@podling/shared/api';

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
  body: AsyncIterable<Uint8Array>;
}

const addressTypes = ['InternalIP', 'Hostname', 'InternalDNS', 'ExternalIP'] as const;
const defaultKubeletPort = 10_250;
const connectTimeoutMs = 5_000;
const headersTimeoutMs = 30_000;

/** `https://ADDRESS:PORT` of a node's kubelet, as the node reports it. Throws 503 for a node without an address. */
export function kubeletOrigin({ metadata, status }: Node): string {
  const addresses = status?.addresses ?? [];
  const address = addressTypes.map((wanted) => addresses.find(({ type }) => type === wanted)?.address).find((text) => text);
  if (!address) throw newServiceUnavailable(`no preferred addresses found; known addresses: [] (node ${JSON.stringify(metadata.name)})`);
  const port = status?.daemonEndpoints?.kubeletEndpoint?.Port || defaultKubeletPort;
  return `https://${address.includes(':') ? `[${address}]` : address}:${port}`;
}

/** Requests from the apiserver to kubelets, with its own client certificate. Redirects are not followed. */
export class NodeProxy {
  readonly #agent: Dispatcher;

  constructor({ clientCertificate, clientKey, certificateAuthority }: KubeletCredentials = {}) {
    this.#agent = new Agent({
      connect: {
        timeout: connectTimeoutMs,
        ...(clientCertificate && clientKey ? { cert: clientCertificate, key: clientKey } : {}),
        ...(certificateAuthority ? { ca: certificateAuthority } : { rejectUnauthorized: false }),
      },
      headersTimeout: headersTimeoutMs,
      bodyTimeout: 0,
    });
  }

  /** GET `path` (with its query). The body streams until its end or until `signal` aborts. Throws 503 when the kubelet cannot be reached. */
  async get(node: Node, path: string, signal: AbortSignal): Promise<KubeletAnswer> {
    const origin = kubeletOrigin(node);
    try {
      const { statusCode, headers, body } = await send(`${origin}${path}`, { dispatcher: this.#agent, signal });
      return { code: statusCode, contentType: String(headers['content-type'] ?? 'text/plain'), body };
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw newServiceUnavailable(`the kubelet of node ${JSON.stringify(node.metadata.name)} at ${origin} cannot be reached: ${why}`, { cause });
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}
