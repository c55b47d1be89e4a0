import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import type { webcrypto } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PemConverter, X509Certificate } from './x509.ts';

/** A certificate and its private key on disk, both PEM. */
export interface KeyPairPaths {
  cert: string;
  key: string;
}

/** A certificate and its private key in memory. */
export interface KeyPair {
  certificate: X509Certificate;
  privateKey: webcrypto.CryptoKey;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };

/** The pair `NAME.crt` and `NAME.key` of a folder. */
export function pairPaths(folder: string, name: string): KeyPairPaths {
  return { cert: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) };
}

/** Reads a pair; undefined when one of the files is missing or is not what it should be. */
export async function readKeyPair(paths: KeyPairPaths): Promise<KeyPair | undefined> {
  try {
    const [cert, key] = await Promise.all([readFile(paths.cert, 'utf8'), readFile(paths.key, 'utf8')]);
    const [der] = PemConverter.decode(key);
    if (!der) return undefined;
    const privateKey = await crypto.subtle.importKey('pkcs8', der, algorithm, true, ['sign']);
    return { certificate: new X509Certificate(cert), privateKey };
  } catch {
    return undefined;
  }
}

/** Writes the key (0600) before the certificate, each whole or not at all. */
export async function writeKeyPair(paths: KeyPairPaths, pair: KeyPair): Promise<void> {
  const der = await crypto.subtle.exportKey('pkcs8', pair.privateKey);
  await writePrivate(paths.key, `${PemConverter.encode(der, 'PRIVATE KEY')}\n`);
  await writePrivate(paths.cert, `${pair.certificate.toString('pem')}\n`);
}

/** A private key and the public one that belongs to it, both PEM, without any certificate. */
export interface BareKeyPaths {
  key: string;
  publicKey: string;
}

/** Makes a pair (ECDSA P-256) that signs tokens, unless its private key is there; the public key always follows from that. */
export async function ensureBareKeys({ key, publicKey }: BareKeyPaths): Promise<void> {
  const existing = await readFile(key, 'utf8').catch(() => undefined);
  const pem = existing ?? generateKeyPairSync('ec', { namedCurve: algorithm.namedCurve }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  if (existing === undefined) await writePrivate(key, pem);
  await writePrivate(publicKey, createPublicKey(createPrivateKey(pem)).export({ type: 'spki', format: 'pem' }).toString());
}

/** Writes a file that only its owner reads, through a rename, below folders that are made 0700 when missing. */
export async function writePrivate(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const unfinished = `${path}.${process.pid}`;
  await writeFile(unfinished, text, { mode: 0o600 });
  await rename(unfinished, path);
}
