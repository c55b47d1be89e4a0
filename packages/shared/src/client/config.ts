import { readFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import type * as Yaml from 'yaml';
import { fileProblem } from '../util/file-problem.ts';
import type { ClientConfig } from './client.ts';
import { parsePlainYaml } from './plain-yaml.ts';

/** The kubeconfig is missing, unreadable or contradicts itself. The message is meant for the user. */
export class KubeconfigError extends Error {
  override readonly name = 'KubeconfigError';
}

export interface LoadKubeconfigOptions {
  /** The context to use instead of `current-context`. */
  context?: string;
  /** The cluster in place of the context's. */
  cluster?: string;
  /** The user in place of the context's. */
  user?: string;
  env?: NodeJS.ProcessEnv;
}

type Fields = Record<string, unknown>;

interface NamedEntry {
  fields: Fields;
  /** Relative file references start here. */
  directory: string;
  file: string;
}

interface Kubeconfig {
  files: string[];
  currentContext: string;
  clusters: Map<string, NamedEntry>;
  users: Map<string, NamedEntry>;
  contexts: Map<string, NamedEntry>;
}

/**
 * Reads `path`, else the files of `$KUBECONFIG` (first definition of a name wins), else `~/.kube/config`.
 * Data may be inline (base64) or in files, whose relative paths start at the kubeconfig's own folder.
 * Throws `KubeconfigError`. Kubernetes concept: "Organizing Cluster Access Using kubeconfig Files".
 */
export function loadKubeconfig(path?: string, options: LoadKubeconfigOptions = {}): ClientConfig {
  const env = options.env ?? process.env;
  const kubeconfig = readFiles(kubeconfigFiles(path, env), path !== undefined);
  return resolveContext(kubeconfig, options.context ?? kubeconfig.currentContext, options);
}

function kubeconfigFiles(path: string | undefined, env: NodeJS.ProcessEnv): string[] {
  if (path !== undefined) return [path];
  const listed = (env['KUBECONFIG'] ?? '').split(delimiter).filter((file) => file !== '');
  return listed.length > 0 ? listed : [join(env['HOME'] || process.getBuiltinModule('node:os').homedir(), '.kube', 'config')];
}

function readFiles(files: string[], mustExist: boolean): Kubeconfig {
  const merged: Kubeconfig = { files, currentContext: '', clusters: new Map(), users: new Map(), contexts: new Map() };
  let found = 0;
  for (const file of files) {
    const text = readIfPresent(file);
    if (text === undefined) continue;
    found += 1;
    mergeFile(merged, resolve(file), parse(file, text));
  }
  if (found === 0) {
    const hint = mustExist ? '' : '; set $KUBECONFIG or pass --kubeconfig';
    throw new KubeconfigError(`no kubeconfig found: ${files.join(', ')} does not exist${hint}`);
  }
  return merged;
}

function readIfPresent(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new KubeconfigError(`error loading config file "${file}": ${fileProblem(error, file)}`, { cause: error });
  }
}

// Neither yaml nor node:module before they are needed: most kubeconfigs are plain, and somebody waits.
const yaml = (): typeof Yaml => process.getBuiltinModule('node:module').createRequire(import.meta.url)('yaml') as typeof Yaml;

function parse(file: string, text: string): Fields {
  let document: unknown;
  try {
    document = text.trimStart().startsWith('{') ? JSON.parse(text) : (parsePlainYaml(text) ?? yaml().parse(text));
  } catch (error) {
    throw new KubeconfigError(`error loading kubeconfig ${file}: ${(error as Error).message}`, { cause: error });
  }
  if (!isFields(document)) throw new KubeconfigError(`error loading kubeconfig ${file}: it is not a mapping`);
  return document;
}

function mergeFile(merged: Kubeconfig, file: string, document: Fields): void {
  if (merged.currentContext === '') merged.currentContext = stringField(document, 'current-context') ?? '';
  mergeEntries(merged.clusters, file, document['clusters'], 'cluster');
  mergeEntries(merged.users, file, document['users'], 'user');
  mergeEntries(merged.contexts, file, document['contexts'], 'context');
}

function mergeEntries(target: Map<string, NamedEntry>, file: string, list: unknown, key: string): void {
  if (list === undefined || list === null) return;
  if (!Array.isArray(list)) throw new KubeconfigError(`error loading kubeconfig ${file}: ${key}s is not a list`);
  for (const item of list as unknown[]) {
    const name = isFields(item) ? stringField(item, 'name') : undefined;
    if (!isFields(item) || name === undefined) throw new KubeconfigError(`error loading kubeconfig ${file}: a ${key} has no name`);
    const fields = item[key];
    if (!target.has(name)) target.set(name, { fields: isFields(fields) ? fields : {}, directory: dirname(file), file });
  }
}

function resolveContext(kubeconfig: Kubeconfig, contextName: string, asked: LoadKubeconfigOptions): ClientConfig {
  const context = contextOf(kubeconfig, contextName, asked);
  const cluster = referenced(kubeconfig.clusters, 'cluster', { context, asked: asked.cluster });
  const hasUser = asked.user !== undefined || stringField(context.entry.fields, 'user') !== undefined;
  const user = hasUser ? referenced(kubeconfig.users, 'user', { context, asked: asked.user }) : undefined;
  return {
    ...clusterConfig(cluster),
    ...(user === undefined ? {} : userConfig(user)),
    namespace: stringField(context.entry.fields, 'namespace') ?? 'default',
  };
}

interface NamedContext {
  name: string;
  entry: NamedEntry;
}

/** Whoever names a cluster needs no context. */
function contextOf({ files, contexts }: Kubeconfig, name: string, { cluster }: LoadKubeconfigOptions): NamedContext {
  const where = files.join(', ');
  const entry = contexts.get(name);
  if (entry !== undefined) return { name, entry };
  if (name === '' && cluster !== undefined) return { name, entry: { fields: {}, directory: '', file: where } };
  if (name === '') throw new KubeconfigError(`kubeconfig ${where} has no current-context`);
  throw new KubeconfigError(`context "${name}" does not exist in kubeconfig ${where}`);
}

function referenced(entries: Map<string, NamedEntry>, key: string, { context, asked }: { context: NamedContext; asked: string | undefined }): NamedEntry {
  const name = asked ?? stringField(context.entry.fields, key);
  const entry = name === undefined ? undefined : entries.get(name);
  if (entry !== undefined) return entry;
  const where = `kubeconfig ${context.entry.file}`;
  if (asked !== undefined) throw new KubeconfigError(`${key} "${asked}" does not exist in ${where}`);
  const what = name === undefined ? `names no ${key}` : `names ${key} "${name}", which does not exist`;
  throw new KubeconfigError(`context "${context.name}" of ${where} ${what}`);
}

function clusterConfig(cluster: NamedEntry): Pick<ClientConfig, 'server' | 'certificateAuthority' | 'insecureSkipTlsVerify' | 'tlsServerName'> {
  const server = stringField(cluster.fields, 'server');
  if (server === undefined || !URL.canParse(server)) {
    throw new KubeconfigError(`kubeconfig ${cluster.file}: the cluster's server ${JSON.stringify(server ?? '')} is not a URL`);
  }
  const authority = pem(cluster, 'certificate-authority');
  const tlsServerName = stringField(cluster.fields, 'tls-server-name');
  return {
    server: server.replace(/\/+$/, ''),
    ...(authority === undefined ? {} : { certificateAuthority: authority }),
    ...(cluster.fields['insecure-skip-tls-verify'] === true ? { insecureSkipTlsVerify: true } : {}),
    ...(tlsServerName === undefined ? {} : { tlsServerName }),
  };
}

function userConfig(user: NamedEntry): Pick<ClientConfig, 'clientCertificate' | 'clientKey' | 'token' | 'impersonate'> {
  const clientCertificate = pem(user, 'client-certificate');
  const clientKey = pem(user, 'client-key');
  const token = stringField(user.fields, 'token') ?? tokenFromFile(user);
  if ((clientCertificate === undefined) !== (clientKey === undefined)) {
    throw new KubeconfigError(`kubeconfig ${user.file}: client-certificate and client-key belong together, one is missing`);
  }
  return {
    ...(clientCertificate !== undefined && clientKey !== undefined ? { clientCertificate, clientKey } : {}),
    ...(token === undefined ? {} : { token }),
    ...impersonation(user),
  };
}

function impersonation({ fields }: NamedEntry): Pick<ClientConfig, 'impersonate'> {
  const [user, uid] = [stringField(fields, 'as'), stringField(fields, 'as-uid')];
  if (user === undefined) return {};
  const { 'as-groups': groups, 'as-user-extra': extra } = fields as { 'as-groups'?: string[]; 'as-user-extra'?: Record<string, string[]> };
  return { impersonate: { user, ...(uid === undefined ? {} : { uid }), ...(groups ? { groups } : {}), ...(extra ? { extra } : {}) } };
}

/** `KEY-data` (base64) wins over `KEY` (a file), as in Kubernetes. */
function pem(entry: NamedEntry, key: string): string | undefined {
  const data = stringField(entry.fields, `${key}-data`);
  if (data === undefined) return fileField(entry, key);
  const text = Buffer.from(data, 'base64').toString('utf8');
  if (!text.includes('-----BEGIN ')) throw new KubeconfigError(`kubeconfig ${entry.file}: ${key}-data is not base64 of a PEM text`);
  return text;
}

function tokenFromFile(user: NamedEntry): string | undefined {
  return fileField(user, 'tokenFile')?.trim();
}

function fileField(entry: NamedEntry, key: string): string | undefined {
  const file = stringField(entry.fields, key);
  if (file === undefined) return undefined;
  try {
    return readFileSync(resolve(entry.directory, file), 'utf8');
  } catch (error) {
    throw new KubeconfigError(`kubeconfig ${entry.file}: unable to read ${key} ${file}: ${(error as Error).message}`, { cause: error });
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function stringField(fields: Fields, key: string): string | undefined {
  const value = fields[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
