import { createConnection, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** What happens to a connection over which so many bytes have come from the far side. */
export interface Cut {
  afterBytes: number;
  /** `reset`: both ends are closed, and no new one is taken. `silence`: it stays open, and nothing comes any more. */
  how: 'reset' | 'silence';
}

/** A TCP proxy before a server that is lost in mid-sentence. */
export class CuttingProxy {
  #cut: Cut | undefined;
  #lost = false;
  readonly #sockets = new Set<Socket>();
  readonly #server;

  constructor(host: string) {
    const [ip = '', port = ''] = host.split(':');
    this.#server = createServer((near) => {
      if (this.#lost) return void near.destroy();
      const far = createConnection(Number(port), ip);
      this.#join(near, far, false);
      this.#join(far, near, true);
    });
  }

  /** From now on; undefined: everything comes through again. */
  set cut(cut: Cut | undefined) {
    this.#cut = cut;
    this.#lost = false;
  }

  /** `IP:PORT`. */
  listen(ip: string): Promise<string> {
    return new Promise((resolve) => {
      this.#server.listen(0, ip, () => resolve(`${ip}:${(this.#server.address() as AddressInfo).port}`));
    });
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #join(from: Socket, to: Socket, isAnswer: boolean): void {
    let bytes = 0;
    this.#sockets.add(from);
    from.on('data', (data) => {
      const left = isAnswer && this.#cut !== undefined ? Math.max(0, this.#cut.afterBytes - bytes) : data.length;
      bytes += data.length;
      to.write(data.subarray(0, left));
      if (left === data.length || this.#cut?.how !== 'reset') return;
      this.#lost = true;
      from.destroy();
    });
    from.on('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
    from.on('error', () => to.destroy());
  }
}
