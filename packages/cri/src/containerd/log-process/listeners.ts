import type { Socket } from 'node:net';
import { attachFrame } from './attach-frames.ts';
import type { OutputStream } from './attach-frames.ts';

/** One that takes nothing for so long is cut off: the container and its log wait for it no longer. */
const STALL_MS = 30_000;

interface Listener {
  streams: readonly OutputStream[];
  timer: NodeJS.Timeout | undefined;
}

/** Those who listen to a container beside its log. One who is slow slows the container down, within limits. */
export class Listeners {
  readonly #listeners = new Map<Socket, Listener>();
  readonly #onDrained: () => void;
  readonly #stallMs: number;

  /** `onDrained` is called when all can take more after one could not. */
  constructor(onDrained: () => void, stallMs = STALL_MS) {
    this.#onDrained = onDrained;
    this.#stallMs = stallMs;
  }

  add(socket: Socket, streams: readonly OutputStream[]): void {
    this.#listeners.set(socket, { streams, timer: undefined });
    socket.on('drain', () => this.#settle(socket));
    socket.on('close', () => {
      this.#settle(socket);
      this.#listeners.delete(socket);
    });
  }

  /** False when somebody's buffer is full. An empty chunk is the end of the stream. */
  write(stream: OutputStream, chunk: Buffer): boolean {
    for (const [socket, listener] of this.#listeners) {
      if (!listener.streams.includes(stream) || socket.destroyed) continue;
      if (!socket.write(attachFrame(stream, chunk))) this.#watch(socket, listener);
    }
    return !this.#isFull();
  }

  /** What they have not taken yet, they still get. */
  end(): void {
    for (const [socket, listener] of this.#listeners) {
      socket.end();
      if (socket.writableLength > 0) this.#watch(socket, listener);
    }
  }

  cut(): void {
    for (const socket of this.#listeners.keys()) socket.destroy();
  }

  #isFull(): boolean {
    return [...this.#listeners.values()].some(({ timer }) => timer !== undefined);
  }

  #watch(socket: Socket, listener: Listener): void {
    if (listener.timer !== undefined) return;
    const taken = (): number => socket.bytesWritten - socket.writableLength;
    const look = (before: number): void => {
      if (taken() === before) socket.destroy();
      else listener.timer = setTimeout(look, this.#stallMs, taken());
    };
    listener.timer = setTimeout(look, this.#stallMs, taken());
  }

  #settle(socket: Socket): void {
    const listener = this.#listeners.get(socket);
    clearTimeout(listener?.timer);
    if (listener?.timer === undefined) return;
    listener.timer = undefined;
    if (!this.#isFull()) this.#onDrained();
  }
}
