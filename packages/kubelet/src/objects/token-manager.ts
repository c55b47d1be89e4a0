import { namespaceOf, uidOf, type Pod, type TokenRequest } from '@podling/shared/api';
import type { Client } from '@podling/shared/client';
import type { Clock } from '@podling/shared/util';

export interface TokenWish {
  /** '' = the apiserver's own audience. */
  audience: string;
  expirationSeconds: number;
}

const maxAgeMs = 24 * 3600_000;

/**
 * Tokens of pods' service accounts, each bound to its pod: kept until a fifth of its life is left or it is a day old.
 * When a new one cannot be had, the old one goes on while it is valid. Upstream twin: kubelet `token.Manager`.
 */
export class TokenManager {
  readonly #client: Pick<Client, 'createToken'>;
  readonly #clock: Clock;
  readonly #tokens = new Map<string, TokenRequest>();

  constructor({ client, clock }: { client: Pick<Client, 'createToken'>; clock: Clock }) {
    this.#client = client;
    this.#clock = clock;
  }

  async token(pod: Pod, wish: TokenWish): Promise<string> {
    const key = `${uidOf(pod)}/${wish.expirationSeconds}/${wish.audience}`;
    const known = this.#tokens.get(key);
    if (known !== undefined && !this.#isDue(known)) return tokenOf(known);
    try {
      const fresh = await this.#request(pod, wish);
      this.#tokens.set(key, fresh);
      return tokenOf(fresh);
    } catch (cause) {
      if (known !== undefined && expiryMs(known) > this.#clock.now()) return tokenOf(known);
      throw new Error(`failed to fetch token: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    }
  }

  forgetPod(uid: string): void {
    for (const key of this.#tokens.keys()) if (key.startsWith(`${uid}/`)) this.#tokens.delete(key);
  }

  #request(pod: Pod, { audience, expirationSeconds }: TokenWish): Promise<TokenRequest> {
    const boundObjectRef = { apiVersion: 'v1', kind: 'Pod', name: pod.metadata.name, uid: uidOf(pod) };
    const spec = { audiences: audience === '' ? [] : [audience], expirationSeconds, boundObjectRef };
    return this.#client.createToken(namespaceOf(pod), pod.spec.serviceAccountName ?? '', spec);
  }

  /** The server may have changed how long the token lives: what it says counts. */
  #isDue(token: TokenRequest): boolean {
    const lifeMs = (token.spec.expirationSeconds ?? 0) * 1000;
    const leftMs = expiryMs(token) - this.#clock.now();
    return leftMs < lifeMs / 5 || lifeMs - leftMs > maxAgeMs;
  }
}

function tokenOf({ status }: TokenRequest): string {
  return status?.token ?? '';
}

function expiryMs({ status }: TokenRequest): number {
  return Date.parse(status?.expirationTimestamp ?? '') || 0;
}
