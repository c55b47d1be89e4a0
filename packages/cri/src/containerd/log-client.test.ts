import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger, systemClock } from '@podling/shared/util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CriError } from '../cri.ts';
import { LogClient } from './log-client.ts';
import { socketName } from './log-process/protocol.ts';

describe('LogClient', () => {
  let folder: string;
  let server: Server;
  let open = 0;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'podling-log-client-'));
    open = 0;
    server = createServer((socket) => {
      open += 1;
      socket.on('data', () => undefined).on('close', () => (open -= 1));
    });
    await new Promise<void>((resolve) => server.listen(join(folder, socketName), resolve));
  });
  afterEach(async () => {
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true });
  });

  it('keeps one connection, however often the containers could not be opened on it', async () => {
    let failures = 3;
    const connected = vi.fn(() => (failures-- > 0 ? Promise.reject(new CriError('Unavailable', 'containerd is down')) : Promise.resolve()));
    const logger = createLogger('test', 'silent');
    const client = new LogClient({ stateDir: folder, maxLogFileBytes: 1000, clock: systemClock, logger, onConnected: connected });
    client.start();
    try {
      await vi.waitFor(() => expect(connected).toHaveBeenCalledTimes(4), { timeout: 10_000 });
      await vi.waitFor(() => expect(open).toBe(1));
    } finally {
      client.close();
    }
  });
});
