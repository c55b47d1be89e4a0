import { createConnection, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** A TCP proxy that can fall silent: bytes vanish both ways, connections stay open, new ones are accepted and never answered. */
export class BlackHoleProxy {
  #silent = false;
  readonly #sockets = new Set<Socket>();
  readonly #server;
  readonly #target: URL;

  constructor(target: URL) {
    this.#target = target;
    this.#server = createServer((near) => {
      const far = createConnection(Number(target.port), target.hostname);
      this.#join(near, far);
      this.#join(far, near);
    });
  }

  listen(): Promise<string> {
    return new Promise((resolve) => {
      this.#server.listen(0, '127.0.0.1', () => resolve(`${this.#target.protocol}//127.0.0.1:${(this.#server.address() as AddressInfo).port}`));
    });
  }

  silence(): void {
    this.#silent = true;
  }

  /** Lets new connections through; those that were silent stay dead, as after a lost route. */
  heal(): void {
    this.#silent = false;
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #join(from: Socket, to: Socket): void {
    let dead = false;
    this.#sockets.add(from);
    from.on('data', (data) => {
      dead ||= this.#silent;
      if (!dead) to.write(data);
    });
    from.on('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
    from.on('error', () => to.destroy());
  }
}
