import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { checkServerIdentity } from 'node:tls';
import { credentials } from '@grpc/grpc-js';
import type { ChannelCredentials } from '@grpc/grpc-js';
import { CriError } from '../cri.ts';

/** Paths of PEM files, read once. With certificate and key the client shows who it is. */
export interface TlsFiles {
  caFile: string;
  certFile?: string;
  keyFile?: string;
  /** The name in the server's certificate. Default: the endpoint's host. */
  serverName?: string;
}

export interface Target {
  /** As the user wrote it. */
  endpoint: string;
  /** As gRPC takes it. */
  address: string;
  credentials: ChannelCredentials;
  /** Channel options that go with it. */
  options: Record<string, string>;
  /** As the system takes it. */
  place: { path: string } | { host: string; port: number };
  secure?: SecurePart;
}

/** What TLS takes of its files. */
export interface SecurePart {
  files: TlsFiles;
  /** That is looked for in the server's certificate. */
  name: string;
  ca: Buffer;
  cert?: Buffer;
  key?: Buffer;
}

const MAX_SOCKET_PATH_BYTES = 107;
/** TLS has no names that are addresses: this is sent for one, and the certificate is checked for the address. */
const NAME_OF_ADDRESS = 'localhost';
const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/**
 * Where `endpoint` leads: `unix:///run/containerd/containerd.sock`, a socket's absolute path, or `tcp://host:port`, which
 * takes TLS unless the host is this one. Fails with `InvalidArgument`, whose message names the fix.
 */
export function parseEndpoint(endpoint: string, tls?: TlsFiles): Target {
  if (endpoint.startsWith('/')) return unixTarget(endpoint, endpoint);
  if (endpoint.startsWith('unix://')) return unixTarget(endpoint, endpoint.slice('unix://'.length));
  if (endpoint.startsWith('tcp://')) return tcpTarget(endpoint, endpoint.slice('tcp://'.length), tls);
  throw invalid(endpoint, 'it is neither unix:///PATH nor tcp://HOST:PORT');
}

function unixTarget(endpoint: string, path: string): Target {
  if (!path.startsWith('/')) throw invalid(endpoint, 'the path of the socket is not absolute: unix:///run/… has three slashes');
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH_BYTES) throw invalid(endpoint, `the path of the socket has more than ${MAX_SOCKET_PATH_BYTES} bytes`);
  // The host that gRPC would take from the path is not a legal one for every server.
  return { endpoint, address: `unix://${path}`, credentials: credentials.createInsecure(), options: { 'grpc.default_authority': 'localhost' }, place: { path } };
}

function tcpTarget(endpoint: string, address: string, tls: TlsFiles | undefined): Target {
  const [, host = '', port = ''] = /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):(\d{1,5})$/.exec(address) ?? [];
  if (host === '' || Number(port) < 1 || Number(port) > 65_535) throw invalid(endpoint, 'it has no HOST:PORT');
  const target = { endpoint, address: `dns:${address}`, place: { host: host.replaceAll(/[[\]]/g, ''), port: Number(port) } };
  if (tls !== undefined) return { ...target, ...secured(readTls(endpoint, target.place.host, tls), endpoint) };
  if (!loopback.test(host)) throw invalid(endpoint, 'over the network it takes TLS: name the file of its certificate authority');
  return { ...target, credentials: credentials.createInsecure(), options: {} };
}

function secured(secure: SecurePart, endpoint: string): Pick<Target, 'credentials' | 'options' | 'secure'> {
  const { name, ca, cert, key } = secure;
  const options = { 'grpc.ssl_target_name_override': isIP(name) === 0 ? name : NAME_OF_ADDRESS };
  const verify = { checkServerIdentity: (_: string, certificate: Parameters<typeof checkServerIdentity>[1]) => checkServerIdentity(name, certificate) };
  return { credentials: withTls(endpoint, () => credentials.createSsl(ca, key ?? null, cert ?? null, verify)), options, secure };
}

function readTls(endpoint: string, host: string, files: TlsFiles): SecurePart {
  const { caFile, certFile, keyFile, serverName } = files;
  if ((certFile === undefined) !== (keyFile === undefined)) throw invalid(endpoint, 'a client certificate and its key go together');
  return withTls(endpoint, () => {
    const read = (path: string | undefined): Buffer | undefined => (path === undefined ? undefined : readFileSync(path));
    const [cert, key] = [read(certFile), read(keyFile)];
    return { files, name: serverName ?? host, ca: readAuthority(caFile), ...(cert === undefined ? {} : { cert }), ...(key === undefined ? {} : { key }) };
  });
}

/** Node takes a file without any certificate for one with none that is trusted. */
function readAuthority(path: string): Buffer {
  const ca = readFileSync(path);
  try {
    void new X509Certificate(ca);
    return ca;
  } catch (cause) {
    throw new Error(`there is no certificate in ${path}`, { cause });
  }
}

function withTls<Result>(endpoint: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw new CriError('InvalidArgument', `the container runtime endpoint "${endpoint}": its TLS files: ${(error as Error).message}`, { cause: error });
  }
}

function invalid(endpoint: string, why: string): CriError {
  return new CriError('InvalidArgument', `the container runtime endpoint "${endpoint}" cannot be used: ${why}`);
}
