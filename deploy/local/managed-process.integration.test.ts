import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identify, isRunning } from '@podling/shared/process';
import { managedProcess, ProcessFailedError } from './managed-process.ts';
import type { ManagedProcess } from './managed-process.ts';

let folder = '';
const started: ManagedProcess[] = [];
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'podling-process-'))));
afterEach(async () => {
  await Promise.all(started.splice(0).map((part) => part.stop({ graceMs: 100 })));
  await rm(folder, { recursive: true });
});

function shell(script: string, ready?: () => Promise<boolean>): ManagedProcess {
  const files = { logPath: join(folder, 'part.log'), pidPath: join(folder, 'part.json') };
  const part = managedProcess({ name: 'part', command: 'sh', args: ['-c', script], ...files, ...(ready ? { ready } : {}) });
  started.push(part);
  return part;
}

describe('managed process', () => {
  it('is found again by whoever describes it the same way, and is not started twice', async () => {
    await shell('exec sleep 60').start();
    const again = shell('exec sleep 60');
    const { pid } = again;
    expect(pid).toBeGreaterThan(0);
    await again.start();
    expect(again.pid).toBe(pid);
  });

  it('is gone once stop has resolved, also when it ignores SIGTERM', async () => {
    const part = shell("trap '' TERM; echo up; while :; do sleep 60; done", async () => (await readFile(join(folder, 'part.log'), 'utf8')).includes('up'));
    await part.start();
    const identity = identify(part.pid ?? 0);
    await part.stop({ graceMs: 50 });
    expect(identity && isRunning(identity)).toBe(false);
    expect(part.pid).toBeUndefined();
  });

  it('can be started again after SIGKILL', async () => {
    const part = shell('exec sleep 60');
    await part.start();
    const before = part.pid;
    await part.kill('SIGKILL');
    expect(part.pid).toBeUndefined();
    await part.start();
    expect(part.pid).not.toBe(before);
  });

  it('fails at once, with the end of its log, when it ends before it is ready', async () => {
    const part = shell('echo the reason; exit 3', () => Promise.resolve(false));
    const error = await part.start().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ProcessFailedError);
    expect((error as ProcessFailedError).log).toContain('the reason');
  });

  it('fails with the last error of this start in its first line', async () => {
    const line = (message: string): string => JSON.stringify({ level: 50, err: { message, stack: `Error: ${message}\n    at start` }, msg: 'cannot start' });
    await writeFile(join(folder, 'part.log'), `${line('the old reason')}\n`);
    const { message } = await shell(`printf '%s\\n' '${line('no such field')}'; exit 1`, () => Promise.resolve(false)).start().catch((caught: unknown) => caught) as Error;
    expect(message.split('\n')[0]).toBe('part has ended while it started: no such field');
    expect(message).not.toMatch(/old reason|at start/);
  });

  it('says so when there is no such program', async () => {
    const files = { logPath: join(folder, 'none.log'), pidPath: join(folder, 'none.json') };
    const part = managedProcess({ name: 'none', command: join(folder, 'none'), args: [], ...files });
    await expect(part.start()).rejects.toThrow('none cannot be started');
    expect(part.pid).toBeUndefined();
  });

  it('never takes another process for its own because the PID is the same', async () => {
    const part = shell('exec sleep 60');
    await writeFile(join(folder, 'part.json'), JSON.stringify({ pid: process.pid, startTime: '1' }));
    expect(part.pid).toBeUndefined();
    await part.stop();
    expect(identify(process.pid)).toBeDefined();
  });
});
