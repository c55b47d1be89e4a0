import { createServer as createHttpServer } from 'node:http';
import { UpgradedConnections } from '@podling/shared/upgrade';
import type { Logger } from '@podling/shared/util';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

/** Answers a request, upgrades too. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

/** PEM texts. */
export interface ServingCertificate {
  cert: string;
  key: string;
  clientCa: string;
}

const headersTimeoutMs = 10_000;
const requestTimeoutMs = 60_000;
const keepAliveTimeoutMs = 60_000;
/** A connection on which nothing comes is asked after: who is gone without a word must not be streamed to for ever. */
const probes = { keepAlive: true, keepAliveInitialDelay: 15_000 };
const closeGraceMs = 3_000;
/** As Go's servers take, so that long selectors come through to be judged. */
const maxHeaderBytes = 1024 * 1024;

/** What is no request gets an answer if it can still take one. */
function refuse(socket: Duplex, { code }: NodeJS.ErrnoException): void {
  const status = code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request';
  if (socket.writable && code !== 'ECONNRESET') socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  else socket.destroy();
}

/** One listening socket with its server. */
export class Listener {
  readonly #server: Server;
  readonly #upgraded: UpgradedConnections;
  #closing = false;

  constructor(handle: RequestHandler, logger: Logger, certificate?: ServingCertificate) {
    const limits = { ...probes, headersTimeout: headersTimeoutMs, requestTimeout: requestTimeoutMs, keepAliveTimeout: keepAliveTimeoutMs, noDelay: true, maxHeaderSize: maxHeaderBytes };
    this.#server = certificate ? createHttpsServer({ ...limits, ...tlsOptions(certificate) }) : createHttpServer(limits);
    this.#server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      response.once('finish', () => this.#closing && setImmediate(() => this.#server.closeIdleConnections()));
      handle(request, response);
    });
    this.#upgraded = new UpgradedConnections(this.#server, handle);
    this.#server.on('clientError', (error: NodeJS.ErrnoException, socket) => refuse(socket, error));
    this.#server.on('error', (err) => logger.error({ err }, 'listener failed'));
  }

  /** Resolves to the port. Rejects when the address is taken or not ours. */
  async listen(address: string, port: number): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once('error', reject);
    this.#server.listen({ host: address, port }, resolve);
    await promise;
    this.#server.off('error', reject);
    return (this.#server.address() as AddressInfo).port;
  }

  /** Stops listening, lets requests in flight end for three seconds, then cuts what is left. */
  async close(): Promise<void> {
    this.#closing = true;
    const closed = new Promise<void>((resolve) => void this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    const cut = setTimeout(() => this.#cut(), closeGraceMs);
    await closed;
    clearTimeout(cut);
    this.#cut();
  }

  #cut(): void {
    this.#server.closeAllConnections();
    this.#upgraded.closeAll();
  }
}

function tlsOptions({ cert, key, clientCa }: ServingCertificate): object {
  return { cert, key, ca: clientCa, requestCert: true, rejectUnauthorized: false, minVersion: 'TLSv1.2', ALPNProtocols: ['http/1.1'] };
}
