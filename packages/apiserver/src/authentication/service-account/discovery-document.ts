import { exportJWK } from 'jose';
import type { TokenKey } from './keys.ts';

/** What strangers need to check our tokens for themselves. Source: OpenID Connect Discovery 1.0, as far as Kubernetes serves it. */
export interface IssuerDocuments {
  /** `/.well-known/openid-configuration` */
  configuration: string;
  /** `/openid/v1/jwks` */
  keySet: string;
}

/** The texts of both documents; made once, for keys do not change while a server runs. */
export async function issuerDocuments(issuer: string, keySetUrl: string, keys: readonly TokenKey[]): Promise<IssuerDocuments> {
  const sets = await Promise.all(keys.map(async ({ key, algorithm, id }) => {
    const { kty, ...values } = await exportJWK(key);
    return { use: 'sig', kty, kid: id, alg: algorithm, ...values };
  }));
  return {
    configuration: JSON.stringify({
      issuer, jwks_uri: keySetUrl, response_types_supported: ['id_token'], subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: [...new Set(keys.map(({ algorithm }) => algorithm))].toSorted(),
    }),
    keySet: JSON.stringify({ keys: sets }),
  };
}
