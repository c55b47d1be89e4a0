import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/** A key with what a token's header says of it. */
export interface TokenKey {
  key: KeyObject;
  /** RS256, ES256, ES384 or ES512. */
  algorithm: string;
  /** The digest of the public key, as Kubernetes names keys. */
  id: string;
}

const algorithmsOfCurves: Record<string, string> = { prime256v1: 'ES256', secp384r1: 'ES384', secp521r1: 'ES512' };

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string {
  if (asymmetricKeyType === 'rsa') return 'RS256';
  const algorithm = algorithmsOfCurves[asymmetricKeyDetails?.namedCurve ?? ''];
  if (!algorithm) throw new Error('keys of service account tokens are RSA, or ECDSA on P-256, P-384 or P-521');
  return algorithm;
}

function tokenKey(key: KeyObject, publicKey: KeyObject): TokenKey {
  const id = createHash('sha256').update(publicKey.export({ type: 'spki', format: 'der' })).digest('base64url');
  return { key, algorithm: algorithmOf(key), id };
}

/** The private key in a PEM text. Throws for anything else, without quoting it. */
export function signingKeyOf(pem: string): TokenKey {
  const key = createPrivateKey(pem);
  return tokenKey(key, createPublicKey(key));
}

/** For a server without a key of its own: its tokens end with it. */
export function ephemeralSigningKey(): TokenKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return tokenKey(privateKey, publicKey);
}

export function publicHalf({ key }: TokenKey): TokenKey {
  const publicKey = createPublicKey(key);
  return tokenKey(publicKey, publicKey);
}

const block = /-----BEGIN ([A-Z ]+)-----[\s\S]+?-----END \1-----/g;

/** Every public key in a PEM text; a private one stands for its public half, a certificate for its key. */
export function verificationKeysOf(pem: string): TokenKey[] {
  const blocks = [...pem.matchAll(block)].filter(([, label = '']) => label !== 'EC PARAMETERS').map(([text]) => text);
  if (blocks.length === 0) throw new Error('the file holds no key in PEM');
  return blocks.map((text) => {
    const key = createPublicKey(text);
    return tokenKey(key, key);
  });
}
