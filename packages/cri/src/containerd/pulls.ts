import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '@podling/shared/util';
import type { AuthConfig } from '../cri.ts';
import { registryOf } from '../image-reference.ts';
import type { ContainerdClient } from './containerd-client.ts';
import type { NerdctlCli } from './nerdctl-cli.ts';
import { SNAPSHOTTER } from './snapshotter.ts';
import { environmentOf, readProcesses, signal as signalProcess } from './process-table.ts';

export interface PullsOptions {
  nerdctl: NerdctlCli;
  /** For the credentials of pulls under way. */
  folder: string;
  clock: Clock;
  /** A pull that moves nothing for so long is given up. */
  stallTimeoutMs: number;
  /** While containerd unpacks, nerdctl waits and moves nothing: then this changes. */
  unpacked: () => Promise<string>;
}

/** A pull that moved nothing for too long. */
class PullStalledError extends Error {
  override readonly name = 'PullStalledError';
}

const DOCKER_HUB = 'docker.io';
/** Docker's key for the credentials of its own registry. */
const DOCKER_HUB_KEY = 'https://index.docker.io/v1/';
const CHECKS_PER_STALL = 6;
const LIST_DEADLINE_MS = 10_000;

/**
 * Pulls by nerdctl. Each has a docker config of its own, in a folder that only this user enters and that is gone with
 * the pull; one left by a kill goes at the next start, and what pulls with it as well.
 */
export class Pulls {
  readonly #options: PullsOptions;

  constructor(options: PullsOptions) {
    this.#options = options;
    endPullsOf(options.folder);
    rmSync(options.folder, { recursive: true, force: true });
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
  }

  /** Fails with `ExecError` or `PullStalledError`. */
  async pull(name: string, auth: AuthConfig | undefined, signal: AbortSignal | undefined): Promise<void> {
    const { nerdctl, folder } = this.#options;
    const dockerConfig = mkdtempSync(join(folder, 'pull-'));
    const stalled = new AbortController();
    const done = new AbortController();
    try {
      writeFileSync(join(dockerConfig, 'config.json'), JSON.stringify(dockerLogin(name, auth)), { mode: 0o600 });
      const onSpawn = (pid: number): void => void this.#watch(pid, stalled, done.signal);
      await nerdctl.pull(name, { dockerConfig, onSpawn, signal: signal === undefined ? stalled.signal : AbortSignal.any([signal, stalled.signal]) });
    } catch (error) {
      if (stalled.signal.aborted) throw stalled.signal.reason;
      throw signal?.aborted === true ? new Error('canceled', { cause: error }) : error;
    } finally {
      done.abort();
      rmSync(dockerConfig, { recursive: true, force: true });
    }
  }

  /** Until `done`; never rejects. */
  async #watch(pid: number, stalled: AbortController, done: AbortSignal): Promise<void> {
    const { clock, stallTimeoutMs, unpacked } = this.#options;
    let [moved, grown, sinceMs] = [bytesMoved(pid), '', clock.monotonic()];
    while (!done.aborted) {
      await clock.sleep(stallTimeoutMs / CHECKS_PER_STALL, done).catch(() => undefined);
      const before = `${moved} ${grown}`;
      moved = bytesMoved(pid);
      if (before === `${moved} ${grown}`) grown = await unpacked().catch(() => '');
      if (before !== `${moved} ${grown}`) sinceMs = clock.monotonic();
      else if (clock.monotonic() - sinceMs >= stallTimeoutMs) return stalled.abort(new PullStalledError(`no progress for ${stallTimeoutMs / 1000}s`));
    }
  }
}

/** Layers are unpacked into snapshots that have such a name until they are whole. What comes back changes while they grow. */
export async function unpacked(client: ContainerdClient): Promise<string> {
  const request = { snapshotter: SNAPSHOTTER, filters: ['kind==active'] };
  const stream = client.stream('snapshots', 'list', request, { deadlineMs: LIST_DEADLINE_MS });
  const keys: string[] = [];
  for await (const { info } of stream as AsyncIterable<{ info: { name: string }[] }>) keys.push(...info.map(({ name }) => name));
  const growing = keys.filter((key) => key.startsWith('extract-'));
  const usages = await Promise.all(growing.map((key) => client.call<{ size: string }>('snapshots', 'usage', { snapshotter: SNAPSHOTTER, key })));
  return JSON.stringify([growing, usages]);
}

/** Of a registry: what `docker login` would have written. */
export function dockerLogin(name: string, auth: AuthConfig | undefined): object {
  if (auth === undefined) return { auths: {} };
  const registry = registryOf(name);
  const { username = '', password = '', identityToken, registryToken } = auth;
  const entry = {
    ...(username === '' && password === '' ? {} : { auth: Buffer.from(`${username}:${password}`).toString('base64') }),
    ...(identityToken === undefined ? {} : { identitytoken: identityToken }),
    ...(registryToken === undefined ? {} : { registrytoken: registryToken }),
  };
  return { auths: { [registry === DOCKER_HUB ? DOCKER_HUB_KEY : registry]: entry } };
}

/** Read and written, on sockets too. */
function bytesMoved(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/io`, 'utf8').split('\n').slice(0, 2).join(' ');
  } catch {
    return '';
  }
}

/** Of a process of ours that was killed. */
function endPullsOf(folder: string): void {
  const mark = `DOCKER_CONFIG=${folder}/`;
  const pulls = readProcesses().filter(({ pid, words }) => words.includes('pull') && environmentOf(pid).some((variable) => variable.startsWith(mark)));
  for (const entry of pulls) signalProcess(entry, 'SIGKILL');
}
