import { readFileSync } from 'node:fs';
import type { ClientConfig, ImpersonatedUser, loadKubeconfig } from '@podling/shared/client';
import { fileProblem } from '@podling/shared/file-problem';
import { CommandError } from './errors.ts';

/** The flags that say where the server is, who asks it, and as whom. They win over the kubeconfig. */
export interface ConnectionOptions {
  kubeconfig?: string;
  context?: string;
  cluster?: string;
  user?: string;
  server?: string;
  certificateAuthority?: string;
  insecureSkipTlsVerify?: boolean;
  tlsServerName?: string;
  clientCertificate?: string;
  clientKey?: string;
  token?: string;
  as?: string;
  asUid?: string;
  asGroup?: string[];
  asUserExtra?: string[];
}

type Loaded = Omit<ClientConfig, 'userAgent' | 'onWarning'>;

/** An empty value is one that is not said. */
const said = (text: string | undefined): string | undefined => (text === '' ? undefined : text);

function serverUrl(server: string): string {
  const url = /^https?:\/\//.test(server) ? server : `http://${server}`;
  if (!URL.canParse(url)) throw new CommandError(`invalid argument "${server}" for "--server": not a URL`);
  return url.replace(/\/+$/, '');
}

function readPem(path: string, flag: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new CommandError(`unable to read ${flag} ${path} due to ${fileProblem(error, path)}`, { cause: error });
  }
}

/** Who says how the server is trusted says all of it. */
function withTrust(config: Loaded, { certificateAuthority, insecureSkipTlsVerify = false }: ConnectionOptions): Loaded {
  const path = said(certificateAuthority);
  if (path === undefined && !insecureSkipTlsVerify) return config;
  if (path !== undefined && insecureSkipTlsVerify) throw new CommandError('specifying a root certificates file with the insecure flag is not allowed');
  const { certificateAuthority: _authority, insecureSkipTlsVerify: _insecure, ...rest } = config;
  return path === undefined ? { ...rest, insecureSkipTlsVerify } : { ...rest, certificateAuthority: readPem(path, 'certificate-authority') };
}

/** The kubeconfig's name in the certificate is that of the kubeconfig's server. */
function withServer(config: Loaded, options: ConnectionOptions): Loaded {
  const [server, tlsServerName] = [said(options.server), said(options.tlsServerName)];
  if (server === undefined && tlsServerName === undefined) return config;
  const { tlsServerName: _, ...rest } = config;
  return { ...rest, ...(server === undefined ? {} : { server: serverUrl(server) }), ...(tlsServerName === undefined ? {} : { tlsServerName }) };
}

function credentials({ clientCertificate, clientKey, token }: ConnectionOptions): Partial<Loaded> {
  const [certificate, key, bearer] = [said(clientCertificate), said(clientKey), said(token)];
  return {
    ...(certificate === undefined ? {} : { clientCertificate: readPem(certificate, 'client-certificate') }),
    ...(key === undefined ? {} : { clientKey: readPem(key, 'client-key') }),
    ...(bearer === undefined ? {} : { token: bearer }),
  };
}

/** `KEY=VALUE`, a key several times for several values. */
function extraOf(texts: readonly string[]): Record<string, string[]> {
  const extra: Record<string, string[]> = {};
  for (const text of texts) {
    const equals = text.indexOf('=');
    if (equals <= 0) throw new CommandError(`invalid argument "${text}" for "--as-user-extra": expected KEY=VALUE`);
    (extra[text.slice(0, equals)] ??= []).push(text.slice(equals + 1));
  }
  return extra;
}

function impersonated({ as, asUid, asGroup, asUserExtra }: ConnectionOptions, before: ImpersonatedUser | undefined): ImpersonatedUser | undefined {
  const user = said(as) ?? before?.user;
  const parts = { ...(said(asUid) === undefined ? {} : { uid: asUid as string }), ...(asGroup ? { groups: asGroup } : {}), ...(asUserExtra ? { extra: extraOf(asUserExtra) } : {}) };
  if (user !== undefined) return { ...before, user, ...parts };
  if (Object.keys(parts).length === 0) return undefined;
  throw new CommandError('requesting uid, groups or user-extra without impersonating a user: say --as too');
}

function fromKubeconfig(options: ConnectionOptions, env: NodeJS.ProcessEnv, load: typeof loadKubeconfig): Loaded {
  const [path, context, cluster, user, server] = [options.kubeconfig, options.context, options.cluster, options.user, options.server].map(said);
  const named = { ...(context === undefined ? {} : { context }), ...(cluster === undefined ? {} : { cluster }), ...(user === undefined ? {} : { user }) };
  try {
    return load(path, { env, ...named });
  } catch (error) {
    if (server !== undefined && path === undefined && Object.keys(named).length === 0) return { server, namespace: 'default' };
    throw error;
  }
}

/** What the kubeconfig says, with what the flags say in its place. `load` reads the kubeconfig; a server that is named needs none. */
export function connectionOf(options: ConnectionOptions, env: NodeJS.ProcessEnv, load: typeof loadKubeconfig): Loaded {
  const loaded = fromKubeconfig(options, env, load);
  const impersonate = impersonated(options, loaded.impersonate);
  return { ...withServer(withTrust(loaded, options), options), ...credentials(options), ...(impersonate === undefined ? {} : { impersonate }) };
}
