import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CriError } from '../cri.ts';
import type { AuthConfig } from '../cri.ts';
import { exec, ExecError } from '../containerd/exec.ts';
import { lastMessage } from '../containerd/nerdctl-cli.ts';
import { dockerLogin } from '../containerd/pulls.ts';

export interface NerdctlOptions {
  address: string;
  namespace: string;
  toolchainDir: string;
  registryHostsDirs: readonly string[];
}

/** nerdctl's own work on images: archives and pushes. It takes the time that it takes, until `signal` aborts. */
export class Nerdctl {
  readonly #options: NerdctlOptions;

  constructor(options: NerdctlOptions) {
    this.#options = options;
  }

  load(path: string, signal: AbortSignal): Promise<string> {
    return this.#run('load', ['load', '--input', path], signal);
  }

  async save(references: readonly string[], path: string, signal: AbortSignal): Promise<void> {
    await this.#run('save', ['save', '--output', path, ...references], signal);
  }

  /** The credentials stand in a file that only this user reads, and that is gone with the push. */
  async push(reference: string, auth: AuthConfig | undefined, signal: AbortSignal): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), 'podling-push-'));
    try {
      writeFileSync(join(folder, 'config.json'), JSON.stringify(dockerLogin(reference, auth)), { mode: 0o600 });
      await this.#run('push', ['push', '--quiet', reference], signal, { DOCKER_CONFIG: folder });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  async #run(what: string, args: readonly string[], signal: AbortSignal, env: Record<string, string> = {}): Promise<string> {
    const { address, namespace, toolchainDir, registryHostsDirs } = this.#options;
    const bin = join(toolchainDir, 'bin');
    const place = ['--address', address, '--namespace', namespace, ...registryHostsDirs.flatMap((folder) => ['--hosts-dir', folder])];
    try {
      return await exec(join(bin, 'nerdctl'), [...place, ...args], { env: { PATH: `${bin}:${process.env['PATH'] ?? ''}`, ...env }, signal, timeoutMs: 0 });
    } catch (cause) {
      if (!(cause instanceof ExecError)) throw cause;
      throw new CriError('Unknown', `nerdctl ${what}: ${signal.aborted ? 'given up' : lastMessage(cause)}`, { cause });
    }
  }
}
