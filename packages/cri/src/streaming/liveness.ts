import type { Clock, Timer } from '@podling/shared/util';

export interface Lively {
  /** Asks the other side whether it is there. */
  ping(): void;
  /** Changes when something has come from the other side, answers to pings too. */
  heard(): number;
  /** Changes when something was said in either direction, pings aside. */
  said(): number;
  /** Changes when something was said to the other side, pings aside. */
  sent(): number;
  /** False while the other side cannot be heard, since we do not read. */
  listens(): boolean;
  end(): void;
}

const BEAT_MS = 20_000;

/**
 * Ends a connection whose other side has vanished without a word, within two beats, and one on which nothing was said for
 * `idleTimeoutMs`. One that was told something since its last answer may be busy with that, and answers nothing meanwhile, as
 * when what it writes to is full: of that one the kernel says whether it is there.
 */
export class Liveness {
  readonly #lively: Lively;
  readonly #idleTimeoutMs: number;
  readonly #clock: Clock;
  #timer: Timer | undefined;
  #heard: number;
  /** When it was last asked. */
  #sentBefore: number;
  /** Of what was said to it, so much had been read at its last answer. */
  #read: number;
  #said: number;
  #saidAt: number;

  constructor(lively: Lively, idleTimeoutMs: number, clock: Clock) {
    this.#lively = lively;
    this.#idleTimeoutMs = idleTimeoutMs;
    this.#clock = clock;
    this.#heard = -1;
    this.#sentBefore = lively.sent();
    this.#read = lively.sent();
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
    this.#sentBefore = this.#lively.sent();
    this.#lively.ping();
    this.#plan();
  }

  #isIdle(): boolean {
    const now = this.#clock.monotonic();
    if (this.#lively.said() !== this.#said) this.#saidAt = now;
    this.#said = this.#lively.said();
    return now - this.#saidAt >= this.#idleTimeoutMs;
  }

  /** Nothing since the ping before, and nothing that it might be reading. */
  #hasVanished(): boolean {
    const heard = this.#lively.heard();
    const isSilent = heard === this.#heard;
    this.#heard = heard;
    if (!isSilent) this.#read = this.#sentBefore;
    return isSilent && this.#lively.listens() && this.#lively.sent() === this.#read;
  }
}
