import type { WebSocket } from 'ws';
import type { Clock, Timer } from '@podling/shared/util';

const periodMs = 10_000;

/**
 * Pings every open socket and tears down those from which nothing came since the ping before: a peer that vanished
 * without a word is found within two periods. One timer for all sockets, none while there are none.
 */
export class Heartbeat {
  readonly #clock: Clock;
  readonly #alive = new Map<WebSocket, boolean>();
  #timer: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  watch(socket: WebSocket): void {
    this.#alive.set(socket, true);
    const seen = (): void => void this.#alive.set(socket, true);
    socket.on('pong', seen);
    socket.on('ping', seen);
    socket.on('message', seen);
    socket.once('close', () => this.#forget(socket));
    this.#timer ??= this.#clock.setTimeout(() => this.#beat(), periodMs);
  }

  #forget(socket: WebSocket): void {
    this.#alive.delete(socket);
    socket.removeAllListeners('pong').removeAllListeners('ping').removeAllListeners('message');
    if (this.#alive.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #beat(): void {
    this.#timer = this.#clock.setTimeout(() => this.#beat(), periodMs);
    for (const [socket, alive] of this.#alive) {
      if (!alive) socket.terminate();
      else {
        this.#alive.set(socket, false);
        socket.ping();
      }
    }
  }
}
