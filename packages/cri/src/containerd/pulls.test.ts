import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeClock } from '@podling/shared/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuthConfig } from '../cri.ts';
import type { NerdctlCli, PullCommand } from './nerdctl-cli.ts';
import { Pulls } from './pulls.ts';

describe('Pulls', () => {
  let folder: string;

  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'podling-pulls-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const pullsBy = (pull: (command: PullCommand) => Promise<void>, clock = new FakeClock()): Pulls =>
    new Pulls({ nerdctl: { pull: (_, command) => pull(command) } as Pick<NerdctlCli, 'pull'> as NerdctlCli, folder: join(folder, 'pulls'), clock, stallTimeoutMs: 6_000, unpacked: () => Promise.resolve('') });

  async function configOf(name: string, auth?: AuthConfig): Promise<unknown> {
    let config: unknown;
    const pulls = pullsBy(({ dockerConfig }) => {
      const file = join(dockerConfig, 'config.json');
      expect([dockerConfig, file].map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o600]);
      config = JSON.parse(readFileSync(file, 'utf8'));
      return Promise.reject(new Error('enough'));
    });
    await expect(pulls.pull(name, auth, undefined)).rejects.toThrow('enough');
    expect(readdirSync(join(folder, 'pulls'))).toEqual([]);
    return config;
  }

  it.each<[string, AuthConfig | undefined, object]>([
    ['r.io:5000/web:1', undefined, {}],
    ['r.io:5000/web:1', { username: 'u', password: 'p:q' }, { 'r.io:5000': { auth: Buffer.from('u:p:q').toString('base64') } }],
    ['docker.io/library/web:1', { username: 'u', password: 'p' }, { 'https://index.docker.io/v1/': { auth: Buffer.from('u:p').toString('base64') } }],
    ['r.io/web:1', { identityToken: 't' }, { 'r.io': { identitytoken: 't' } }],
  ])('%s with %j has a docker config of its own, and none afterwards', async (name, auth, auths) => {
    expect(await configOf(name, auth)).toEqual({ auths });
  });

  it('removes what a killed process has left', () => {
    mkdirSync(join(folder, 'pulls/pull-old'), { recursive: true });
    writeFileSync(join(folder, 'pulls/pull-old/config.json'), 'secret');
    expect(pullsBy(() => Promise.resolve())).toBeInstanceOf(Pulls);
    expect(readdirSync(join(folder, 'pulls'))).toEqual([]);
  });

  it('gives up on what moves nothing', async () => {
    const clock = new FakeClock();
    const pulls = pullsBy(({ signal, onSpawn }) => {
      // A PID that no process has.
      onSpawn?.(2 ** 30);
      return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('killed'))));
    }, clock);
    const failed = expect(pulls.pull('r.io/web:1', undefined, undefined)).rejects.toThrow('no progress for 6s');
    for (let second = 0; second < 7; second += 1) await clock.advance(1_000);
    await failed;
  });
});
