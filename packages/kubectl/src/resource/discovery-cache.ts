import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** How long an answer is believed; upstream's figure. */
const LIFETIME_MS = 6 * 3600 * 1000;
/** `v1`, `apps/v1`. Servers and manifests say what it is, and it becomes a path. */
const GROUP_VERSION = /^(?:\w[\w.-]*\/)?\w+$/;

/**
 * What servers said of their resources, kept in files where upstream kubectls keep it and in their form. Only saves the
 * question: whoever does not find what he looks for asks the server again. No failure of a file is told.
 */
export class DiscoveryCache {
  readonly #folder: string;
  readonly #now: () => number;

  private constructor(folder: string, now: () => number) {
    this.#folder = folder;
    this.#now = now;
  }

  /** Undefined for somebody without a home folder. */
  static of(server: string, env: Readonly<Record<string, string | undefined>>, now: () => number): DiscoveryCache | undefined {
    const { HOME: home = '', KUBECACHEDIR: folder = home === '' ? '' : join(home, '.kube', 'cache') } = env;
    const host = server.replace(/^https?:\/\//, '').replaceAll(/[^(\w/.)]/g, '_');
    return folder === '' || host.includes('..') ? undefined : new DiscoveryCache(join(folder, 'discovery', host), now);
  }

  /** Undefined when there is none that is young enough. */
  read(groupVersion: string): unknown {
    if (!GROUP_VERSION.test(groupVersion)) return undefined;
    try {
      const path = this.#path(groupVersion);
      if (this.#now() - statSync(path).mtimeMs > LIFETIME_MS) return undefined;
      return JSON.parse(readFileSync(path, 'utf8')) as unknown;
    } catch {
      return undefined;
    }
  }

  write(groupVersion: string, list: object): void {
    if (!GROUP_VERSION.test(groupVersion)) return;
    const path = this.#path(groupVersion);
    const temporary = `${path}.${process.pid}`;
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
      writeFileSync(temporary, JSON.stringify(list), { mode: 0o600 });
      renameSync(temporary, path);
    } catch {
      // The next command asks again.
    }
  }

  #path(groupVersion: string): string {
    return join(this.#folder, groupVersion, 'serverresources.json');
  }
}
