import { createHash } from 'node:crypto';
import { compactVerify, decodeProtectedHeader } from 'jose';
import { InvalidToken, invalidBearerToken } from '../token-authenticator.ts';
import { claimsOf } from './claims.ts';
import type { ServiceAccountClaims } from './claims.ts';
import type { TokenKey } from './keys.ts';

const rememberedTokens = 4096;
const maxTokenLength = 64 * 1024;

function keyIdOf(token: string): string | undefined {
  try {
    return decodeProtectedHeader(token).kid;
  } catch (cause) {
    throw new InvalidToken(invalidBearerToken, { cause });
  }
}

/**
 * Checks who signed a token. A signature costs more than everything else that is asked of a request, so those that were
 * good are remembered, by the token's hash and not by itself; the oldest are forgotten first.
 */
export class Signatures {
  readonly #keys: readonly TokenKey[];
  readonly #known = new Map<string, ServiceAccountClaims>();

  constructor(keys: readonly TokenKey[]) {
    this.#keys = keys;
  }

  /** What the token says. Its times and names are not looked at. Throws `InvalidToken`. */
  async verify(token: string): Promise<ServiceAccountClaims> {
    if (token.length > maxTokenLength) throw new InvalidToken(invalidBearerToken);
    const hash = createHash('sha256').update(token).digest('base64');
    const known = this.#known.get(hash);
    if (known) return known;
    const claims = claimsOf(await this.#payloadOf(token));
    if (!claims) throw new InvalidToken(invalidBearerToken);
    this.#remember(hash, claims);
    return claims;
  }

  async #payloadOf(token: string): Promise<unknown> {
    const id = keyIdOf(token);
    const candidates = this.#keys.filter((key) => id === undefined || key.id === id);
    if (candidates.length === 0) throw new InvalidToken('invalid signature, no keys found');
    let failure: unknown;
    for (const { key, algorithm } of candidates) {
      try {
        const { payload } = await compactVerify(token, key, { algorithms: [algorithm] });
        return JSON.parse(Buffer.from(payload).toString('utf8'));
      } catch (cause) {
        failure = cause;
      }
    }
    throw new InvalidToken('invalid signature', { cause: failure });
  }

  #remember(hash: string, claims: ServiceAccountClaims): void {
    if (this.#known.size >= rememberedTokens) {
      const [oldest] = this.#known.keys();
      if (oldest !== undefined) this.#known.delete(oldest);
    }
    this.#known.set(hash, claims);
  }
}
