import { createLocalJWKSet, jwtVerify } from 'jose';
import type { JSONWebKeySet } from 'jose';
import { describe, expect, it } from 'vitest';
import type { TokenRequest } from '@podling/shared/api';
import { useTestServer } from '../testing/test-server.ts';

const accounts = '/api/v1/namespaces/default/serviceaccounts';

describe('the issuer of tokens', () => {
  const server = useTestServer();

  it('says who it is and where its keys are', async () => {
    const { code, headers, body } = await server.send<object>('GET', '/.well-known/openid-configuration');
    expect([code, headers.get('cache-control')]).toEqual([200, 'public, max-age=3600']);
    expect(body).toEqual({
      issuer: 'https://kubernetes.default.svc', jwks_uri: `${server.url}/openid/v1/jwks`, response_types_supported: ['id_token'],
      subject_types_supported: ['public'], id_token_signing_alg_values_supported: ['ES256'],
    });
  });

  it('gives strangers what they need to check a token, and no private key', async () => {
    await server.send('POST', accounts, { body: { metadata: { name: 'robot' } } });
    const { body: { status } } = await server.send<TokenRequest>('POST', `${accounts}/robot/token`, { body: { spec: { audiences: ['vault'] } } });
    const answer = await fetch(`${server.url}/openid/v1/jwks`);
    expect(answer.headers.get('content-type')).toBe('application/jwk-set+json');
    const keys = (await answer.json()) as JSONWebKeySet;
    const { payload } = await jwtVerify(status?.token ?? '', createLocalJWKSet(keys), { issuer: 'https://kubernetes.default.svc', audience: 'vault' });
    expect(payload.sub).toBe('system:serviceaccount:default:robot');
    expect(keys.keys.every((key) => !('d' in key))).toBe(true);
  });

  it('is for service accounts, not for everybody', async () => {
    const { body: { status } } = await server.send<TokenRequest>('POST', `${accounts}/robot/token`, { body: {} });
    const ask = async (token: string): Promise<number> => (await fetch(`${server.url}/openid/v1/jwks`, { headers: { authorization: `Bearer ${token}` } })).status;
    expect([await ask(status?.token ?? ''), await ask('x')]).toEqual([200, 401]);
  });
});
