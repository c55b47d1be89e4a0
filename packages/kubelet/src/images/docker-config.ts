import type { AuthConfig } from '@podling/cri';
import type { Secret } from '@podling/shared/api';

/** Of the secret that credentials are from. */
export interface SecretSource {
  uid: string;
  namespace: string;
  name: string;
}

/** What a pull is tried with. Without a source: the node's own, for every pod. */
export interface PullCredential {
  auth: AuthConfig;
  source?: SecretSource;
}

/** A credential and where it is for: `registry.example.com:5000/team`, the key of a docker config. */
export interface RegistryCredentials extends PullCredential {
  location: string;
}

/** What a secret of type `kubernetes.io/dockerconfigjson` or `kubernetes.io/dockercfg` holds; others hold none. Throws for one that is broken. */
export function secretCredentials({ metadata, type, data = {} }: Secret): RegistryCredentials[] {
  const source = { uid: metadata.uid ?? '', namespace: metadata.namespace ?? '', name: metadata.name };
  const entries = type === 'kubernetes.io/dockerconfigjson' ? dockerConfigCredentials(decoded(data['.dockerconfigjson']))
    : type === 'kubernetes.io/dockercfg' ? entriesOf(parsed(decoded(data['.dockercfg'])))
      : [];
  return entries.map((entry) => ({ ...entry, source }));
}

/** Of a `config.json` as `docker login` writes it. Throws for one that is broken. */
export function dockerConfigCredentials(text: string): RegistryCredentials[] {
  const config = parsed(text);
  return entriesOf(isObject(config) ? config['auths'] : undefined);
}

function entriesOf(auths: unknown): RegistryCredentials[] {
  if (!isObject(auths)) return [];
  return Object.entries(auths).map(([location, entry]) => ({ location, auth: authOf(entry) }));
}

/** `auth` (base64 of user and password) wins over the two fields. */
function authOf(entry: unknown): AuthConfig {
  const { username, password, auth } = isObject(entry) ? entry : {};
  if (typeof auth !== 'string' || auth === '') return { username: textOf(username), password: textOf(password) };
  const both = decoded(auth);
  const colon = both.indexOf(':');
  if (colon === -1) throw new Error('unable to parse auth field, must be formatted as base64(username:password)');
  return { username: both.slice(0, colon), password: both.slice(colon + 1) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // The parser's own message quotes the text.
    throw new Error('the docker config is no JSON');
  }
}

function decoded(base64 = ''): string {
  return Buffer.from(base64, 'base64').toString();
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
