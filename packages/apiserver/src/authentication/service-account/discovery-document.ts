import { exportJWK } from 'jose';
import type { TokenKey } from './keys.ts';

/** What strangers need to check our tokens for themselves. Source: OpenID Connect Discovery 1.0, as far as Kubernetes serves it. */
export interface IssuerDocuments {
  /** Says where the key set is. */
  configuration(keySetUrl: string): string;
  /** The public keys, as a JWKS. */
  keySet: string;
}

/** Both documents as JSON texts; the keys do not change while a server runs. */
export async function issuerDocuments(issuer: string, keys: readonly TokenKey[]): Promise<IssuerDocuments> {
  const set = await Promise.all(keys.map(async ({ key, algorithm, id }) => {
    const { kty, ...values } = await exportJWK(key);
    return { use: 'sig', kty, kid: id, alg: algorithm, ...values };
  }));
  const algorithms = [...new Set(keys.map(({ algorithm }) => algorithm))].toSorted();
  return {
    configuration: (jwks_uri) => JSON.stringify({
      issuer, jwks_uri, response_types_supported: ['id_token'], subject_types_supported: ['public'], id_token_signing_alg_values_supported: algorithms,
    }),
    keySet: JSON.stringify({ keys: set }),
  };
}
