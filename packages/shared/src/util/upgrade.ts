import { ServerResponse } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** The connection of a request that wants to become something else. */
export interface Upgrade {
  wire: Socket;
  /** What came after the request's headers already. */
  head: Buffer;
}

const lingerMs = 5_000;

const upgrades = new WeakMap<IncomingMessage, Upgrade>();

/**
 * Gives an upgrade request an answer of its own, so that it passes the same filters as any other and can be refused like
 * any other. Whoever serves it takes the connection with {@link takeOver}.
 */
export function answerUpgrade(request: IncomingMessage, wire: Socket, head: Buffer): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(wire);
  response.once('finish', () => hangUp(wire));
  wire.on('error', () => wire.destroy());
  wire.once('close', () => response.destroyed || response.destroy());
  upgrades.set(request, { wire, head });
  return response;
}

/** Lets what was written go out; a peer that does not hang up too is not waited for. */
export function hangUp(wire: Duplex): void {
  wire.end();
  wire.resume();
  if ('setTimeout' in wire) (wire as Socket).setTimeout(lingerMs, () => wire.destroy());
}

/** The connections of a server that have come as upgrades: it does not know them any more, so it cannot close them. */
export class UpgradedConnections {
  readonly #wires = new Set<Socket>();

  /** From now on, upgrades are handed to `listener` with an answer of their own. */
  constructor(server: Server, listener: (request: IncomingMessage, response: ServerResponse) => void) {
    server.on('upgrade', (request: IncomingMessage, socket, head: Buffer) => {
      const wire = socket as Socket;
      this.#wires.add(wire);
      wire.once('close', () => this.#wires.delete(wire));
      listener(request, answerUpgrade(request, wire, head));
    });
  }

  closeAll(): void {
    for (const wire of this.#wires) wire.destroy();
  }
}

export function isUpgrade(request: IncomingMessage): boolean {
  return upgrades.has(request);
}

/**
 * The bare connection, which is the caller's from now on; `response` only tells when it has closed. Whoever answers all the
 * same has failed: that closes the connection, for an HTTP answer would be read as something else.
 */
export function takeOver(request: IncomingMessage, response: ServerResponse): Upgrade {
  const upgrade = upgrades.get(request);
  if (!upgrade) throw new Error('the request is no upgrade');
  response.detachSocket(upgrade.wire);
  response.statusCode = 101;
  response.end = () => {
    upgrade.wire.destroy();
    return response;
  };
  return upgrade;
}
