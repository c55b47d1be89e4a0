import { readFile } from 'node:fs/promises';
import type { KubeletConfig } from '../config.ts';
import type { TlsMaterial } from '../server/server.ts';

/** What the HTTPS server serves with; undefined means plain HTTP, which is allowed on loopback only. */
export async function readTls({ tlsCertFile, tlsPrivateKeyFile, clientCaFile, address }: KubeletConfig): Promise<TlsMaterial | undefined> {
  if (tlsCertFile !== undefined && tlsPrivateKeyFile !== undefined && clientCaFile !== undefined) {
    const [cert, key, clientCa] = await Promise.all([readFile(tlsCertFile), readFile(tlsPrivateKeyFile), readFile(clientCaFile)]);
    return { cert, key, clientCa };
  }
  const given = [tlsCertFile, tlsPrivateKeyFile, clientCaFile].filter((path) => path !== undefined).length;
  if (given > 0) throw new Error('--tls-cert-file, --tls-private-key-file and --client-ca-file belong together');
  if (!address.startsWith('127.') && address !== '::1') throw new Error(`serving on ${address} needs --tls-cert-file, --tls-private-key-file and --client-ca-file; without them only loopback is allowed`);
  return undefined;
}
