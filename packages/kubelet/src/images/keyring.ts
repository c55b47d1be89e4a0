import type { PullCredential, RegistryCredentials } from './docker-config.ts';
import { globMatches } from './glob.ts';

interface Location {
  labels: string[];
  port: string;
  path: string;
}

const DOCKER_HUB_KEY = 'index.docker.io';

/**
 * Credentials by where they are for. An entry is for an image if its host is the same, label by label, where `*`, `?` and
 * `[…]` stand for parts of one label; its port is the same; and its path begins the image's.
 * Upstream twin: credentialprovider `BasicDockerKeyring`.
 */
export class Keyring {
  readonly #entries = new Map<string, PullCredential[]>();

  constructor(credentials: readonly RegistryCredentials[]) {
    for (const { location, ...credential } of credentials) {
      const key = keyOf(location);
      this.#entries.set(key, [...(this.#entries.get(key) ?? []), credential]);
    }
  }

  /** For a full name without tag and digest, `docker.io/library/web`: the closest first, then in the order they came. */
  lookup(repository: string): PullCredential[] {
    const keys = [...this.#entries.keys()].toSorted().reverse();
    const found = keys.filter((key) => matches(key, repository)).flatMap((key) => this.#entries.get(key) ?? []);
    if (found.length > 0 || !repository.startsWith('docker.io/')) return found;
    return this.#entries.get(DOCKER_HUB_KEY) ?? [];
  }
}

/** Docker writes URLs, also with the version of the API. */
function keyOf(location: string): string {
  const { host, path } = split(location.replace(/^https?:\/\//, ''));
  const plain = path.replace(/^\/v[12](?=\/)/, '');
  return plain === '/' ? host : host + plain;
}

function matches(key: string, repository: string): boolean {
  const [glob, target] = [locationOf(key), locationOf(repository)];
  if (glob.port !== target.port || glob.labels.length !== target.labels.length || !target.path.startsWith(glob.path)) return false;
  return glob.labels.every((label, index) => globMatches(label, target.labels[index] ?? ''));
}

function locationOf(key: string): Location {
  const { host, path } = split(key);
  const [, name = host, port = ''] = /^(.*):(\d*)$/.exec(host) ?? [];
  return { labels: name.replace(/^\[([0-9a-fA-F:]+)\]$/, '$1').split('.'), port, path };
}

function split(location: string): { host: string; path: string } {
  const slash = location.indexOf('/');
  return slash === -1 ? { host: location, path: '' } : { host: location.slice(0, slash), path: location.slice(slash) };
}
