import { createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { PemPair } from './certificates.ts';

/** The HTTPS side of a kubelet: it answers as the test says, to clients of its CA only. */
export class FakeKubelet {
  readonly requests: string[] = [];
  readonly clients: string[] = [];
  answer: (request: IncomingMessage, response: ServerResponse) => void = (_request, response) => response.end('hello\n');
  /** Default: closes the connection. */
  upgrade: (request: IncomingMessage, socket: Socket) => void = (_request, socket) => socket.destroy();
  readonly #sockets = new Set<Socket>();
  readonly #server;

  constructor(serving: PemPair, clientCa: string) {
    this.#server = createServer({ ...serving, ca: clientCa, requestCert: true, rejectUnauthorized: true }, (request, response) => {
      this.requests.push(request.url ?? '');
      const { CN } = (request.socket as TLSSocket).getPeerCertificate().subject;
      this.clients.push(String(CN));
      this.answer(request, response);
    });
    this.#server.on('upgrade', (request, socket) => {
      this.requests.push(request.url ?? '');
      this.upgrade(request, socket as Socket);
    });
    this.#server.on('secureConnection', (socket) => this.#sockets.add(socket.on('error', () => undefined).once('close', () => this.#sockets.delete(socket))));
  }

  /** Connections that are open. */
  get connections(): number {
    return this.#sockets.size;
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => void this.#server.listen(0, '127.0.0.1', resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => void this.#server.close(() => resolve()));
  }
}
