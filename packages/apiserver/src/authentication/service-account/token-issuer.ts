import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { payloadOf } from './claims.ts';
import type { ServiceAccountClaims } from './claims.ts';
import type { TokenKey } from './keys.ts';

/** What a new token is to say; the issuer adds itself, times and an id. */
export interface TokenSubject extends Pick<ServiceAccountClaims, 'audiences' | 'namespace' | 'serviceAccount' | 'pod' | 'secret' | 'node'> {
  expirationSeconds: number;
  warnAfterSeconds?: number;
}

/** Signs tokens of service accounts. Upstream twin: `serviceaccount.JWTTokenGenerator`. */
export class TokenIssuer {
  readonly #key: TokenKey;
  readonly #issuer: string;
  /** Meant when a request names no audience. */
  readonly audiences: readonly string[];

  constructor({ key, issuer, audiences }: { key: TokenKey; issuer: string; audiences: readonly string[] }) {
    this.#key = key;
    this.#issuer = issuer;
    this.audiences = audiences;
  }

  async issue({ expirationSeconds, warnAfterSeconds, ...subject }: TokenSubject, nowMs: number): Promise<string> {
    const now = Math.floor(nowMs / 1000);
    const claims: ServiceAccountClaims = {
      ...subject, issuer: this.#issuer, id: randomUUID(), issuedAt: now, notBefore: now, expiresAt: now + expirationSeconds,
      ...(warnAfterSeconds === undefined ? {} : { warnAfter: now + warnAfterSeconds }),
    };
    return new SignJWT(payloadOf(claims)).setProtectedHeader({ alg: this.#key.algorithm, kid: this.#key.id }).sign(this.#key.key);
  }
}
