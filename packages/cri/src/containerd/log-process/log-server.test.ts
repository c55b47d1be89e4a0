import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LogServer } from './log-server.ts';
import type { LogRequest } from './protocol.ts';

describe('LogServer', () => {
  let folder: string;
  let server: LogServer;
  const onIdle = vi.fn<() => void>();

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onIdle.mockReset();
    folder = mkdtempSync(join(tmpdir(), 'podling-log-server-'));
    server = new LogServer({ socketPath: join(folder, 's'), now: () => 'T', onError: () => undefined, onShutdown: () => undefined, onIdle, idleMs: 100 });
  });
  afterEach(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
    vi.useRealTimers();
  });

  async function ask(socket: Socket, request: LogRequest): Promise<unknown> {
    socket.write(`${JSON.stringify({ sequence: 1, ...request })}\n`);
    const [answer] = await once(socket, 'data') as [Buffer];
    return JSON.parse(String(answer));
  }

  async function hangUp(socket: Socket): Promise<void> {
    socket.end();
    await once(socket, 'close');
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  }

  /** Each look moves the time on. */
  function idle(): Promise<void> {
    return vi.waitFor(() => expect(onIdle).toHaveBeenCalledTimes(1), { timeout: 10_000 });
  }

  it('is idle when nobody has ever come', async () => {
    await server.listen();
    vi.advanceTimersByTime(100);
    expect(onIdle).toHaveBeenCalledTimes(1);
  });

  it('is not idle while its owner is connected, and is when the owner has gone', async () => {
    await server.listen();
    const owner = connect(join(folder, 's'));
    expect(await ask(owner, { op: 'list' })).toEqual({ sequence: 1, containers: [] });
    vi.advanceTimersByTime(10_000);
    expect(onIdle).not.toHaveBeenCalled();
    await hangUp(owner);
    await idle();
  });

  it('is not idle while it has a container, without an owner too', async () => {
    await server.listen();
    const [stdout, stderr] = ['stdout', 'stderr'].map((name) => join(folder, name)) as [string, string];
    execFileSync('mkfifo', [stdout, stderr]);
    const owner = connect(join(folder, 's'));
    await ask(owner, { op: 'open', container: 'c', stdout, stderr, logPath: '' });
    await hangUp(owner);
    vi.advanceTimersByTime(10_000);
    expect(onIdle).not.toHaveBeenCalled();
    for (const fifo of [stdout, stderr]) closeSync(openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK));
    const next = connect(join(folder, 's'));
    await ask(next, { op: 'drain', container: 'c', timeoutMs: 1_000 });
    await hangUp(next);
    await idle();
  });
});
