import { readFileSync } from 'node:fs';
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
}

const MAX_SOCKET_PATH_BYTES = 107;
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
  return { endpoint, address: `unix://${path}`, credentials: credentials.createInsecure(), options: { 'grpc.default_authority': 'localhost' } };
}

function tcpTarget(endpoint: string, address: string, tls: TlsFiles | undefined): Target {
  const [, host = '', port = ''] = /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):(\d{1,5})$/.exec(address) ?? [];
  if (host === '' || Number(port) < 1 || Number(port) > 65_535) throw invalid(endpoint, 'it has no HOST:PORT');
  if (tls !== undefined) return { endpoint, address: `dns:${address}`, credentials: tlsCredentials(endpoint, tls), options: nameOverride(tls) };
  if (!loopback.test(host)) throw invalid(endpoint, 'over the network it takes TLS: name the file of its certificate authority');
  return { endpoint, address: `dns:${address}`, credentials: credentials.createInsecure(), options: {} };
}

function tlsCredentials(endpoint: string, { caFile, certFile, keyFile }: TlsFiles): ChannelCredentials {
  if ((certFile === undefined) !== (keyFile === undefined)) throw invalid(endpoint, 'a client certificate and its key go together');
  const read = (path: string | undefined) => (path === undefined ? null : readFileSync(path));
  try {
    return credentials.createSsl(read(caFile), read(keyFile), read(certFile));
  } catch (error) {
    throw new CriError('InvalidArgument', `the container runtime endpoint "${endpoint}": its TLS files: ${(error as Error).message}`, { cause: error });
  }
}

function nameOverride({ serverName }: TlsFiles): Record<string, string> {
  return serverName === undefined ? {} : { 'grpc.ssl_target_name_override': serverName };
}

function invalid(endpoint: string, why: string): CriError {
  return new CriError('InvalidArgument', `the container runtime endpoint "${endpoint}" cannot be used: ${why}`);
}
