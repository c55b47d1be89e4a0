import { namespaceOf, uidOf, type Pod, type TokenRequest } from '@podling/shared/api';
import type { Client } from '@podling/shared/client';
import type { Clock } from '@podling/shared/util';
import { tokenLifetime, type TokenLifetime } from './token-lifetime.ts';

export interface TokenWish {
  /** '' = the apiserver's own audience. */
  audience: string;
  expirationSeconds: number;
}

interface Token {
  text: string;
  expiresAtMs: number;
  /** When a new one is asked for, by the wall clock, which may be set, and by the other, which may have slept: whichever comes first. */
  due: { wallMs: number; monotonicMs: number };
}

const maxAgeMs = 24 * 3600_000;
const maxJitterMs = 10_000;
/** Between two tries to renew a token that is still good. */
const retryMs = 10_000;

export interface TokenManagerOptions {
  client: Pick<Client, 'createToken'>;
  clock: Clock;
  random?: () => number;
}

/**
 * Tokens of pods' service accounts, each bound to its pod: renewed when a fifth of its life is left or it is a day old,
 * up to 10 s before. When a new one cannot be had, the old one goes on while it is valid. Upstream twin: kubelet `token.Manager`.
 */
export class TokenManager {
  readonly #client: Pick<Client, 'createToken'>;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #tokens = new Map<string, Token>();

  constructor({ client, clock, random = Math.random }: TokenManagerOptions) {
    this.#client = client;
    this.#clock = clock;
    this.#random = random;
  }

  async token(pod: Pod, wish: TokenWish): Promise<string> {
    const key = keyOf(uidOf(pod), wish);
    const known = this.#tokens.get(key);
    if (known !== undefined && this.#waitMs(known) >= 0) return known.text;
    try {
      const fresh = await this.#request(pod, wish);
      this.#tokens.set(key, fresh);
      return fresh.text;
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      if (known === undefined) throw new Error(`failed to fetch token: ${reason}`, { cause });
      if (known.expiresAtMs <= this.#clock.now()) throw new Error(`token expired and refresh failed: ${reason}`, { cause });
      this.#tokens.set(key, { ...known, due: this.#dueAt(Math.min(this.#clock.now() + retryMs, known.expiresAtMs)) });
      return known.text;
    }
  }

  /** A token that the pod has from an earlier kubelet is as good as one of ours, if it can be read. */
  adopt(pod: Pod, wish: TokenWish, text: string): void {
    const key = keyOf(uidOf(pod), wish);
    const lifetime = tokenLifetime(text);
    if (lifetime === undefined || this.#tokens.has(key)) return;
    // The server lets a token that is renewed in time live on for those who do not read it anew.
    const expiresAtMs = Math.min(lifetime.expiresAtMs, lifetime.issuedAtMs + wish.expirationSeconds * 1000);
    this.#tokens.set(key, this.#withLifetime(text, { ...lifetime, expiresAtMs }));
  }

  /** When a token that is wished is to be asked for, by the monotonic clock; 0: at once. */
  dueMs(pod: Pod, wish: TokenWish): number {
    const known = this.#tokens.get(keyOf(uidOf(pod), wish));
    return known === undefined ? 0 : this.#clock.monotonic() + this.#waitMs(known);
  }

  forgetPod(uid: string): void {
    for (const key of this.#tokens.keys()) if (key.startsWith(`${uid}/`)) this.#tokens.delete(key);
  }

  async #request(pod: Pod, { audience, expirationSeconds }: TokenWish): Promise<Token> {
    const boundObjectRef = { apiVersion: 'v1', kind: 'Pod', name: pod.metadata.name, uid: uidOf(pod) };
    const spec = { audiences: audience === '' ? [] : [audience], expirationSeconds, boundObjectRef };
    const answer = await this.#client.createToken(namespaceOf(pod), pod.spec.serviceAccountName ?? '', spec);
    return this.#withLifetime(answer.status?.token ?? '', lifetimeOf(answer));
  }

  #withLifetime(text: string, { issuedAtMs, expiresAtMs }: TokenLifetime): Token {
    const dueMs = Math.min(issuedAtMs + maxAgeMs, expiresAtMs - (expiresAtMs - issuedAtMs) / 5);
    return { text, expiresAtMs, due: this.#dueAt(dueMs - this.#random() * maxJitterMs) };
  }

  #dueAt(wallMs: number): Token['due'] {
    return { wallMs, monotonicMs: this.#clock.monotonic() + wallMs - this.#clock.now() };
  }

  #waitMs({ due }: Token): number {
    return Math.min(due.wallMs - this.#clock.now(), due.monotonicMs - this.#clock.monotonic());
  }
}

/** The server may have changed how long the token lives: what it says counts. */
function lifetimeOf({ spec, status }: TokenRequest): TokenLifetime {
  const expiresAtMs = Date.parse(status?.expirationTimestamp ?? '') || 0;
  return { issuedAtMs: expiresAtMs - (spec.expirationSeconds ?? 0) * 1000, expiresAtMs };
}

function keyOf(uid: string, { audience, expirationSeconds }: TokenWish): string {
  return `${uid}/${expirationSeconds}/${audience}`;
}
