import type { Clock } from '@podling/shared/util';
import { InvalidToken } from '../token-authenticator.ts';
import type { TokenAuthenticator, TokenOwner } from '../token-authenticator.ts';
import { userOfClaims } from './claims.ts';
import type { NamedUid, ServiceAccountClaims } from './claims.ts';
import type { Reference, ReferentKind, Referents } from './referents.ts';
import type { Signatures } from './signatures.ts';

const leewayMs = 60_000;
const kindsInMessages: Record<ReferentKind, string> = { ServiceAccount: 'service account', Pod: 'pod', Secret: 'secret', Node: 'node' };

function checkTimes({ expiresAt, notBefore, issuedAt }: ServiceAccountClaims, nowMs: number): void {
  // Written so that a time that is missing fails.
  if (!(nowMs - leewayMs <= expiresAt * 1000)) throw new InvalidToken('service account token has expired');
  if (nowMs + leewayMs < notBefore * 1000) throw new InvalidToken('service account token is not valid yet');
  if (nowMs + leewayMs < issuedAt * 1000) throw new InvalidToken('service account token is issued in the future');
}

const quoted = (audiences: readonly string[]): string => `[${audiences.map((audience) => JSON.stringify(audience)).join(' ')}]`;

/** The objects that must be there still. The node of a pod's token is only told of. */
function referencesOf({ namespace, serviceAccount, secret, pod, node }: ServiceAccountClaims): Reference[] {
  const reference = (kind: ReferentKind, named: NamedUid | undefined): Reference[] =>
    named ? [{ kind, namespace: kind === 'Node' ? '' : namespace, name: named.name, uid: named.uid ?? '' }] : [];
  return [
    ...reference('ServiceAccount', serviceAccount), ...reference('Secret', secret), ...reference('Pod', pod),
    ...(pod ? [] : reference('Node', node)),
  ];
}

export interface ServiceAccountTokensOptions {
  signatures: Signatures;
  issuers: readonly string[];
  /** The apiserver's own. */
  audiences: readonly string[];
  referents: Referents;
  clock: Clock;
}

/** Tokens of service accounts. Upstream twin: `serviceaccount.JWTTokenAuthenticator` with its validator. */
export class ServiceAccountTokens implements TokenAuthenticator {
  readonly #options: ServiceAccountTokensOptions;

  constructor(options: ServiceAccountTokensOptions) {
    this.#options = options;
  }

  async authenticate(token: string, wanted: readonly string[] = this.#options.audiences): Promise<TokenOwner> {
    const { signatures, issuers, clock } = this.#options;
    const claims = await signatures.verify(token);
    if (!issuers.includes(claims.issuer)) throw new InvalidToken(`token issuer ${JSON.stringify(claims.issuer)} is invalid`);
    const audiences = claims.audiences.filter((audience) => wanted.includes(audience));
    if (audiences.length === 0) throw new InvalidToken(`token audiences ${quoted(claims.audiences)} is invalid for the target audiences ${quoted(wanted)}`);
    checkTimes(claims, clock.now());
    for (const reference of referencesOf(claims)) await this.#requirePresent(reference);
    return { user: userOfClaims(claims), audiences };
  }

  async #requirePresent(reference: Reference): Promise<void> {
    const { referents, clock } = this.#options;
    const { kind, namespace, name, uid } = reference;
    const found = await referents.find(reference);
    const what = kindsInMessages[kind];
    if (!found) throw new InvalidToken(kind === 'ServiceAccount' ? `serviceaccounts ${JSON.stringify(name)} not found` : 'service account token has been invalidated');
    if (found.uid !== uid) {
      throw new InvalidToken(kind === 'ServiceAccount' ? `service account UID (${found.uid}) does not match claim (${uid})` : `${what} UID (${found.uid}) does not match service account ${what} ref claim (${uid})`);
    }
    if (found.deletedAt !== undefined && found.deletedAt < clock.now() - leewayMs) {
      throw new InvalidToken(kind === 'ServiceAccount' ? `service account ${namespace}/${name} has been deleted` : 'service account token has been invalidated');
    }
  }
}
