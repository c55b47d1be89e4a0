import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { RequestListener } from 'node:http';
import { UpgradedConnections } from '@podling/shared/upgrade';

export interface TlsMaterial {
  cert: Buffer;
  key: Buffer;
  clientCa: Buffer;
}

export interface ServerOptions {
  address: string;
  port: number;
  /** Without it the server speaks plain HTTP, which `read-tls.ts` allows on loopback only. */
  tls: TlsMaterial | undefined;
}

export interface RunningServer {
  port: number;
  /** Closes at once, what is streamed too. */
  stop(): Promise<void>;
}

/** `keepAlive`: who is gone without a word must not be streamed to for ever. */
const limits = { keepAlive: true, keepAliveInitialDelay: 15_000, headersTimeout: 10_000, requestTimeout: 60_000, keepAliveTimeout: 60_000 };
const maxConnections = 1_000;

/** Listens; a certificate is asked for but judged by the routes, since a token will do as well. */
export async function startServer(listener: RequestListener, { address, port, tls }: ServerOptions): Promise<RunningServer> {
  const server: Server = tls
    ? createHttpsServer({ ...limits, cert: tls.cert, key: tls.key, ca: tls.clientCa, requestCert: true, rejectUnauthorized: false }, listener)
    : createHttpServer(limits, listener);
  server.maxConnections = maxConnections;
  const upgraded = new UpgradedConnections(server, listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        upgraded.closeAll();
      }),
  };
}
