import { createServer, isIP } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { once } from 'node:events';
import type { ForwardedPort } from './forwarded-port.ts';

interface ListenAddress {
  address: string;
  /** Of `localhost` one of the two is enough. */
  isOptional: boolean;
}

/** IP addresses, or `localhost`, which means both families. Sorted, each once. */
export function listenAddresses(asked: readonly string[]): ListenAddress[] {
  const found = new Map<string, ListenAddress>();
  for (const address of asked) {
    if (address === 'localhost') {
      for (const loopback of ['127.0.0.1', '::1']) if (!found.has(loopback)) found.set(loopback, { address: loopback, isOptional: true });
    } else if (isIP(address) === 0) throw new Error(`${address} is not a valid IP`);
    else found.set(address, { address, isOptional: false });
  }
  return [...found.values()].toSorted((a, b) => (a.address < b.address ? -1 : 1));
}

export interface PortListenersOptions {
  addresses: readonly string[];
  ports: readonly ForwardedPort[];
  onConnection: (socket: Socket, port: ForwardedPort) => void;
  out: (line: string) => void;
  err: (line: string) => void;
}

/** Local sockets, and the connections that came in by them. */
export class PortListeners {
  readonly #options: PortListenersOptions;
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();

  constructor(options: PortListenersOptions) {
    this.#options = options;
  }

  /** Fails when not one of the ports can be listened on. */
  async listen(): Promise<void> {
    const { ports, err } = this.#options;
    let listening = 0;
    for (const port of ports) {
      try {
        await this.#listenOn({ ...port });
        listening += 1;
      } catch (error) {
        err(`Unable to listen on port ${port.local}: ${(error as Error).message}\n`);
      }
    }
    if (listening === 0) throw new Error(`unable to listen on any of the requested ports: [${ports.map(({ local, remote }) => `{${local} ${remote}}`).join(' ')}]`);
  }

  close(): void {
    for (const server of this.#servers) server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  /** All addresses get the port that the first one got. */
  async #listenOn(port: ForwardedPort): Promise<void> {
    const failures: { isOptional: boolean; message: string }[] = [];
    const addresses = listenAddresses(this.#options.addresses);
    for (const { address, isOptional } of addresses) {
      try {
        port.local = await this.#open(address, port);
      } catch (error) {
        failures.push({ isOptional, message: `unable to create listener: Error ${(error as Error).message}` });
      }
    }
    const optional = addresses.filter(({ isOptional }) => isOptional).length;
    const failed = failures.some(({ isOptional }) => !isOptional) || (optional > 0 && failures.filter(({ isOptional }) => isOptional).length === optional);
    if (failed) throw new Error(`Listeners failed to create with the following errors: [${failures.map(({ message }) => message).join(' ')}]`);
  }

  async #open(address: string, port: ForwardedPort): Promise<number> {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      this.#options.out(`Handling connection for ${port.local}\n`);
      this.#options.onConnection(socket, port);
    });
    server.listen({ host: address, port: port.local, ipv6Only: true });
    await once(server, 'listening');
    this.#servers.push(server);
    const { port: local } = server.address() as AddressInfo;
    this.#options.out(`Forwarding from ${isIP(address) === 6 ? `[${address}]` : address}:${local} -> ${port.remote}\n`);
    return local;
  }
}
