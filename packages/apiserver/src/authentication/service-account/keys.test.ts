import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ephemeralSigningKey, publicHalf, signingKeyOf, verificationKeysOf } from './keys.ts';
import { Signatures } from './signatures.ts';
import { TokenIssuer } from './token-issuer.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const privatePem = (key: typeof rsa.privateKey): string => String(key.export({ type: 'pkcs8', format: 'pem' }));
const publicPem = (key: typeof rsa.publicKey): string => String(key.export({ type: 'spki', format: 'pem' }));
const subject = { audiences: ['a'], namespace: 'default', serviceAccount: { name: 'robot', uid: 'u' }, expirationSeconds: 600 };

describe('the keys of tokens', () => {
  it.each<[string, string, string]>([['RSA', privatePem(rsa.privateKey), 'RS256'], ['PKCS#1', String(rsa.privateKey.export({ type: 'pkcs1', format: 'pem' })), 'RS256'],
    ...(['P-256', 'P-384', 'P-521'] as const).map((curve) => [curve, privatePem(generateKeyPairSync('ec', { namedCurve: curve }).privateKey), `ES${curve === 'P-521' ? '512' : curve.slice(2)}`] satisfies [string, string, string])])(
    'sign with %s', async (_what, pem, algorithm) => {
      const key = signingKeyOf(pem);
      expect(key.algorithm).toBe(algorithm);
      const token = await new TokenIssuer({ key, issuer: 'me', audiences: [] }).issue(subject, 0);
      expect(await new Signatures([publicHalf(key)]).verify(token)).toMatchObject({ namespace: 'default', serviceAccount: { name: 'robot', uid: 'u' }, expiresAt: 600 });
    });

  it('are found in a file with several, public or private, under one id', () => {
    const text = `# old and new\n${publicPem(rsa.publicKey)}\n${privatePem(rsa.privateKey)}`;
    const [one, two] = verificationKeysOf(text);
    expect([one?.id, one?.key.type, two?.key.type]).toEqual([two?.id, 'public', 'public']);
  });

  it.each([['nothing', ''], ['no key', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----'], ['a key of another kind', privatePem(generateKeyPairSync('ed25519').privateKey)]])(
    'are not %s, and a refusal does not quote them', (_what, text) => {
      const message = (() => { try { verificationKeysOf(text); return ''; } catch (error) { return (error as Error).message; } })();
      expect(message).not.toBe('');
      expect(message).not.toContain('BEGIN');
    });

  it('do not pass for each other', async () => {
    const token = await new TokenIssuer({ key: ephemeralSigningKey(), issuer: 'me', audiences: [] }).issue(subject, 0);
    await expect(new Signatures([publicHalf(ephemeralSigningKey())]).verify(token)).rejects.toThrow('invalid signature, no keys found');
  });
});
