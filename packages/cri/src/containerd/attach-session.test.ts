import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeClock, settle } from '@podling/shared/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CriError } from '../cri.ts';
import { AttachSession } from './attach-session.ts';
import type { AttachSessionOptions } from './attach-session.ts';

const request = { tty: false, stdin: true, stdout: false, stderr: false };

let folder: string;
let stdinPath: string;
/** The process' end of its stdin. */
let reader: number;
let clock: FakeClock;
let heardEnough: boolean;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'podling-attach-'));
  stdinPath = join(folder, 'stdin');
  execFileSync('mkfifo', [stdinPath]);
  reader = openSync(stdinPath, constants.O_RDONLY | constants.O_NONBLOCK);
  [clock, heardEnough] = [new FakeClock(), false];
});
afterEach(() => {
  closeSync(reader);
  rmSync(folder, { recursive: true });
});

/** Of a process that goes on. */
function attach(config: { stdinOnce?: boolean; tty?: boolean }, closeStdin: () => Promise<void>): AttachSession {
  const waitForExec = (_id: string, _exec: string, _ms: number, signal: AbortSignal): Promise<number> =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(new CriError('Unavailable', 'given up')), { once: true }));
  const outputs = { output: () => undefined, end: () => (heardEnough = true), close: () => undefined };
  const options = { record: { id: 'c', config: { stdin: true, ...config } }, latest: () => undefined, request, outputs, stdinPath, tasks: { waitForExec, closeStdin }, clock };
  return new AttachSession(options as unknown as AttachSessionOptions);
}

describe('one who is attached', () => {
  it.each([{}, { stdinOnce: true, tty: true }])('has heard enough a second after the end of their stdin, with %j', async (config) => {
    const closeStdin = vi.fn(async () => undefined);
    const session = attach(config, closeStdin);
    let exited: unknown = 'no';
    void session.exited.then((exitCode) => (exited = exitCode));
    session.stdin?.end('last words');
    await vi.waitFor(() => expect(session.stdin?.writableFinished).toBe(true));
    await clock.advance(900);
    await settle();
    expect([exited, heardEnough]).toEqual(['no', false]);
    await clock.advance(100);
    await settle();
    expect([exited, heardEnough, closeStdin.mock.calls.length]).toEqual([undefined, true, 0]);
    await session.close();
    expect(clock.pendingTimers).toBe(0);
  });

  it('ends the process\' stdin with theirs where that was asked for once, and hears on', async () => {
    const closeStdin = vi.fn(async () => undefined);
    const session = attach({ stdinOnce: true }, closeStdin);
    session.stdin?.end('last words');
    await vi.waitFor(() => expect(closeStdin).toHaveBeenCalledTimes(1));
    await clock.advance(60_000);
    expect(heardEnough).toBe(false);
    await session.close();
    await expect(session.exited).rejects.toMatchObject({ code: 'Unavailable' });
  });

  it('leaves also while the runtime does not answer', async () => {
    const session = attach({ stdinOnce: true }, () => Promise.reject(new CriError('Unavailable', 'no answer')));
    session.exited.catch(() => undefined);
    await session.close();
  });
});
