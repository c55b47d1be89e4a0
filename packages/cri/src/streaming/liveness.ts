import type { Clock, Timer } from '@podling/shared/util';

export interface Lively {
  /** Asks the other side whether it is there. */
  ping(): void;
  /** Changes when something has come from the other side, answers to pings too. */
  heard(): number;
  /** Changes when something was said in either direction, pings aside. */
  said(): number;
  /** False while the other side cannot be heard, since we do not read. */
  listens(): boolean;
  end(): void;
}

const BEAT_MS = 20_000;

/** Ends a connection whose other side has vanished without a word, within two beats, and one on which nothing was said for `idleTimeoutMs`. */
export class Liveness {
  readonly #lively: Lively;
  readonly #idleTimeoutMs: number;
  readonly #clock: Clock;
  #timer: Timer | undefined;
  #heard: number;
  #said: number;
  #saidAt: number;

  constructor(lively: Lively, idleTimeoutMs: number, clock: Clock) {
    this.#lively = lively;
    this.#idleTimeoutMs = idleTimeoutMs;
    this.#clock = clock;
    this.#heard = -1;
    this.#said = lively.said();
    this.#saidAt = clock.monotonic();
    this.#plan();
  }

  /** The connection has ended. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #plan(): void {
    this.#timer = this.#clock.setTimeout(() => this.#beat(), Math.min(BEAT_MS, this.#idleTimeoutMs));
  }

  #beat(): void {
    if (this.#isIdle() || this.#hasVanished()) {
      this.#lively.end();
      return;
    }
    this.#lively.ping();
    this.#plan();
  }

  #isIdle(): boolean {
    const now = this.#clock.monotonic();
    if (this.#lively.said() !== this.#said) this.#saidAt = now;
    this.#said = this.#lively.said();
    return now - this.#saidAt >= this.#idleTimeoutMs;
  }

  /** Nothing since the ping before. */
  #hasVanished(): boolean {
    const heard = this.#lively.heard();
    const isSilent = heard === this.#heard && this.#lively.listens();
    this.#heard = heard;
    return isSilent;
  }
}
