import { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { FakeClock, settle } from '@podling/shared/testing';
import { describe, expect, it, vi } from 'vitest';
import { exec, ExecError } from './exec.ts';

describe('exec', () => {
  it('has ended what was given up', async () => {
    for (let round = 0; round < 20; round++) {
      const unwanted = new AbortController();
      let pid = 0;
      const running = exec('sleep', ['60'], { signal: unwanted.signal, onSpawn: (started) => (pid = started) });
      unwanted.abort();
      await expect(running).rejects.toThrow('sleep was given up');
      expect(existsSync(`/proc/${pid}`)).toBe(false);
    }
  });

  it('does not wait for one that cannot be ended', async () => {
    const clock = new FakeClock();
    const killing = vi.spyOn(ChildProcess.prototype, 'kill').mockReturnValue(true);
    let pid = 0;
    try {
      const running = expect(exec('sleep', ['60'], { timeoutMs: 1_000, clock, onSpawn: (started) => (pid = started) })).rejects.toThrow('sleep took too long');
      await clock.advance(1_000);
      await settle();
      await clock.advance(5_000);
      await running;
    } finally {
      killing.mockRestore();
      process.kill(pid, 'SIGKILL');
    }
  });

  it('tells why a program failed, or that there is none', async () => {
    await expect(exec('sh', ['-c', 'echo no >&2; exit 3'])).rejects.toMatchObject({ name: ExecError.name, message: 'sh failed with exit code 3', stderr: 'no\n' });
    await expect(exec('/no/such/program', [])).rejects.toThrow(/program failed: .*ENOENT/);
    await expect(exec('sleep', ['60'], { timeoutMs: 10 })).rejects.toThrow('sleep took too long');
  });
});
