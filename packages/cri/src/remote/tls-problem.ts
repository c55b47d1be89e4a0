import { isIP } from 'node:net';
import { checkServerIdentity, connect } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';
import type { SecurePart, Target } from './endpoint.ts';

/**
 * What is wrong with TLS between here and a TCP endpoint, and the fix: its files, or that there are some, or none. Undefined where
 * nothing is.
 */
export async function tlsProblem({ place, secure }: Target, timeoutMs: number): Promise<string | undefined> {
  if ('path' in place) return undefined;
  const options = secure === undefined ? { rejectUnauthorized: false } : secureOptions(secure);
  const { isSecure, error } = await shakeHands({ ...place, ...options, ALPNProtocols: ['h2'] }, timeoutMs);
  if (secure !== undefined) return error && explained(error, isSecure, secure);
  return isSecure ? 'it takes TLS: name the file of its certificate authority' : undefined;
}

function secureOptions({ name, ca, cert, key }: SecurePart): ConnectionOptions {
  return { ca, cert, key, ...(isIP(name) === 0 ? { servername: name } : {}), checkServerIdentity: (_, certificate) => checkServerIdentity(name, certificate) };
}

interface Handshake {
  /** Both sides have agreed; a server that minds who the client is says so afterwards. */
  isSecure: boolean;
  error?: NodeJS.ErrnoException;
}

/** Until the server has said something in HTTP/2, or nothing more in time. */
function shakeHands(options: ConnectionOptions, timeoutMs: number): Promise<Handshake> {
  return new Promise((resolve) => {
    const socket = connect(options);
    let isSecure = false;
    const end = (error?: NodeJS.ErrnoException): void => {
      socket.destroy();
      resolve({ isSecure, ...(error === undefined ? {} : { error }) });
    };
    socket.setTimeout(timeoutMs, () => end());
    socket.once('secureConnect', () => (isSecure = true)).once('data', () => end());
    socket.on('error', end).once('close', () => end(new Error('the server ended the connection')));
  });
}

const untrusted = new Set(['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'UNABLE_TO_GET_ISSUER_CERT', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'SELF_SIGNED_CERT_IN_CHAIN', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'CERT_SIGNATURE_FAILURE', 'CERT_UNTRUSTED']);

function explained(error: NodeJS.ErrnoException & { reason?: string }, isSecure: boolean, { files: { caFile, certFile } }: SecurePart): string {
  // OpenSSL's own word, without where in it.
  const { code = '', reason: message = error.message } = error;
  if (untrusted.has(code)) return `its certificate is not signed by the authority in ${caFile}: name the file of its own (${message})`;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return `its certificate is for another name: name that one (${message})`;
  if (code.startsWith('CERT_')) return `its certificate cannot be trusted: ${message}`;
  if (!isSecure && !code.includes('ALERT')) return `it does not take TLS: leave out the TLS files (${message})`;
  return certFile === undefined ? `it wants to see a client's certificate: name one and its key (${message})` : `it does not take the client certificate in ${certFile} (${message})`;
}
