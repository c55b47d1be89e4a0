import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeClock } from '@podling/shared/testing';
import { createLogger, systemClock } from '@podling/shared/util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CriError } from '../cri.ts';
import { LogClient, REQUEST_TIMEOUT_MS } from './log-client.ts';
import { socketName } from './log-process/protocol.ts';

describe('LogClient', () => {
  let folder: string;
  let server: Server;
  let open: Set<Socket>;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'podling-log-client-'));
    const sockets = new Set<Socket>();
    open = sockets;
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on('data', () => undefined).on('close', () => sockets.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(join(folder, socketName), resolve));
  });
  afterEach(async () => {
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true });
  });

  it('gives a request that is not answered up, and connects afresh', async () => {
    const clock = new FakeClock();
    const connected = vi.fn(() => Promise.resolve());
    const release = vi.fn<() => void>();
    const keepUnread = vi.fn(() => release);
    const client = new LogClient({ stateDir: folder, logLimits: { maxBytes: 1000, maxFiles: 5 }, clock, logger: createLogger('test', 'silent'), onConnected: connected, keepUnread });
    client.start();
    try {
      await vi.waitFor(() => expect(connected).toHaveBeenCalledTimes(1));
      const outcomes = [client.request({ op: 'list' }), client.request({ op: 'drain', container: 'a', timeoutMs: 1000 })].map((asked) =>
        asked.then(() => 'answer', (error: unknown) => (error instanceof CriError ? error.code : error)),
      );
      await vi.waitFor(() => expect(clock.pendingTimers).toBe(2));
      await clock.advance(REQUEST_TIMEOUT_MS);
      expect(await Promise.all(outcomes)).toEqual(['DeadlineExceeded', 'Unavailable']);
      await vi.waitFor(() => expect(connected).toHaveBeenCalledTimes(2));
      await vi.waitFor(() => expect(open.size).toBe(1));
      expect(clock.pendingTimers).toBe(0);
      expect(keepUnread).toHaveBeenCalledTimes(1);
      await vi.waitFor(() => expect(release).toHaveBeenCalledTimes(1));
    } finally {
      client.close();
    }
  });

  it('keeps one connection, however often the containers could not be opened on it', async () => {
    let failures = 3;
    const connected = vi.fn(() => (failures-- > 0 ? Promise.reject(new CriError('Unavailable', 'containerd is down')) : Promise.resolve()));
    const logger = createLogger('test', 'silent');
    const client = new LogClient({ stateDir: folder, logLimits: { maxBytes: 1000, maxFiles: 5 }, clock: systemClock, logger, onConnected: connected, keepUnread: () => () => undefined });
    client.start();
    try {
      await vi.waitFor(() => expect(connected).toHaveBeenCalledTimes(4), { timeout: 10_000 });
      await vi.waitFor(() => expect(open.size).toBe(1));
    } finally {
      client.close();
    }
  });
});
