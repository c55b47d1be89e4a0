import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileProblem } from '@podling/shared/file-problem';
import { CommandError } from '../../errors.ts';
import { generatorVerb } from './generator.ts';
import type { GeneratorOptions } from './generator.ts';
import { makeSecret } from './make-secret.ts';

interface TlsOptions extends GeneratorOptions {
  cert?: string;
  key?: string;
  appendHash?: boolean;
}

async function read(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new CommandError(`Cannot read file ${path}, ${fileProblem(error, path)}`, { cause: error });
  }
}

const PEM = /^-----BEGIN .*-----/m;

/** The certificate's text must be PEM, and the key the one it was made for. */
function checkPair(cert: Buffer, key: Buffer): void {
  if (!PEM.test(cert.toString('latin1'))) throw new CommandError('tls: failed to find any PEM data in certificate input');
  if (!PEM.test(key.toString('latin1'))) throw new CommandError('tls: failed to find any PEM data in key input');
  try {
    if (new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) return;
  } catch (error) {
    throw new CommandError(`failed to find a certificate and its key in PEM: ${(error as Error).message}`, { cause: error });
  }
  throw new CommandError('tls: private key does not match public key');
}

export const verb = generatorVerb<TlsOptions>({
  name: 'create secret tls',
  failure: 'failed to create secret',
  usage: 'NAME --cert=PATH --key=PATH [flags]',
  flags: (command) => {
    command
      .option('--cert <path>', 'the certificate in PEM')
      .option('--key <path>', 'its private key in PEM')
      .option('--append-hash', 'put a hash of the content behind the name');
  },
  make: async (name, { cert = '', key = '', appendHash }) => {
    if (cert === '' || key === '') throw new CommandError('key and cert must be specified');
    const [certPem, keyPem] = await Promise.all([read(cert), read(key)]);
    checkPair(certPem, keyPem);
    return makeSecret(name, { type: 'kubernetes.io/tls', keys: new Map([['tls.crt', certPem], ['tls.key', keyPem]]) }, appendHash);
  },
});
