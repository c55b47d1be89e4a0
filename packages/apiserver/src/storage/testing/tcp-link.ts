/** A link to a local port that a test can cut, with and without a word to either side. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

export class TcpLink {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #state: 'up' | 'cut' | 'silent' = 'up';

  constructor(server: Server, targetPort: number) {
    this.#server = server;
    server.on('connection', (client) => this.#join(client, connect(targetPort, '127.0.0.1')));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Resets all connections and refuses new ones. */
  cut(): void {
    this.#state = 'cut';
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Drops every byte from now on; nobody is told. */
  silence(): void {
    this.#state = 'silent';
  }

  /** New connections work again; those that were silenced stay so. */
  restore(): void {
    this.#state = 'up';
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(client: Socket, target: Socket): void {
    if (this.#state === 'cut') {
      target.destroy();
      client.resetAndDestroy();
      return;
    }
    const pair = { silent: false };
    this.#pipe(client, target, pair);
    this.#pipe(target, client, pair);
  }

  #pipe(from: Socket, to: Socket, pair: { silent: boolean }): void {
    this.#sockets.add(from);
    from.on('data', (bytes) => {
      pair.silent ||= this.#state === 'silent';
      if (!pair.silent) to.write(bytes);
    });
    from.on('error', () => to.destroy());
    from.on('close', () => {
      this.#sockets.delete(from);
      if (!pair.silent) to.destroy();
    });
  }
}

export async function openTcpLink(targetPort: number): Promise<TcpLink> {
  const server = createServer();
  const link = new TcpLink(server, targetPort);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return link;
}
