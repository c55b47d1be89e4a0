import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeClock } from '@podling/shared/testing';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NerdctlStore } from './nerdctl-store.ts';

let dataRoot: string;
let clock: FakeClock;
let store: NerdctlStore;
const hosts = (...path: string[]): string => join(dataRoot, '1eb7', 'etchosts', ...path);

beforeEach(() => {
  dataRoot = mkdtempSync(join(tmpdir(), 'podling-nerdctl-store-'));
  clock = new FakeClock();
  store = new NerdctlStore({ dataRoot, namespace: 'podling', clock, logger: pino({ level: 'silent' }) });
  for (const id of ['a', 'b']) {
    mkdirSync(hosts('podling', id), { recursive: true });
    writeFileSync(hosts('podling', id, 'meta.json'), JSON.stringify({ Networks: { flannel: { ips: [{ address: '10.0.0.2/24' }] } } }));
    writeFileSync(hosts('podling', id, 'hosts'), '');
  }
});
afterEach(() => rmSync(dataRoot, { recursive: true, force: true }));

describe("nerdctl's store", () => {
  it('tells an address until it is to be forgotten', async () => {
    expect(store.ip('a', 'flannel')).toBe('10.0.0.2');
    store.forgetAddress('a');
    await clock.advance(2_000);
    await vi.waitFor(() => expect(store.ip('a', 'flannel')).toBeUndefined());
    expect(existsSync(hosts('podling', 'a', 'hosts'))).toBe(true);
    expect(store.ip('b', 'flannel')).toBe('10.0.0.2');
  });

  it('loses nothing of its hosts while a nerdctl has them locked, to walk through them', async () => {
    const nerdctl = spawn('flock', [hosts(), 'sh', '-c', 'echo locked; cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(nerdctl.stdout, 'data');
    store.forgetAddress('a');
    store.forget('b');
    await clock.advance(2_000);
    const queued = spawn('flock', ['--nonblock', hosts(), 'true']);
    expect((await once(queued, 'exit'))[0]).toBe(1);
    expect([existsSync(hosts('podling', 'a', 'meta.json')), existsSync(hosts('podling', 'b'))]).toEqual([true, true]);
    nerdctl.stdin.end();
    await vi.waitFor(() => expect([existsSync(hosts('podling', 'a', 'meta.json')), existsSync(hosts('podling', 'b'))]).toEqual([false, false]));
  });
});
