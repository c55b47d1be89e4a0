import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { toolchainDir } from '@podling/shared/process';
import { FakeClock } from '@podling/shared/testing';
import { systemClock } from '@podling/shared/util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ContainerStreams } from './container-streams.ts';
import type { ContainerStreamsOptions } from './container-streams.ts';
import { dialNamespace } from './port-forward.ts';

describe('a way into a network namespace', () => {
  let server: Server;
  let port: number;

  beforeEach(async () => {
    server = createServer((connection) => connection.pipe(connection).on('error', () => undefined));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ({ port } = server.address() as AddressInfo);
  });
  afterEach(() => new Promise((resolve) => void server.close(resolve)));

  it('that is not made in time is given up', async () => {
    const clock = new FakeClock();
    // It sleeps, where the program would connect.
    const dialling = dialNamespace('sleep', { pid: process.pid, port: 7_001 }, clock);
    const given = expect(dialling).rejects.toMatchObject({ code: 'Unavailable', message: 'no connection to port 7001 in time' });
    await clock.advance(30_000);
    await given;
    expect(clock.pendingTimers).toBe(0);
  });

  it('is one of so many at once: those that failed or have ended do not count', async () => {
    const sandboxes = { ground: () => ({ pid: process.pid }) };
    const streams = new ContainerStreams({ sandboxes, toolchainDir: toolchainDir(), maxForwards: 2, clock: systemClock, execs: { close: async () => undefined } } as unknown as ContainerStreamsOptions);
    await expect(streams.portForward('pod', 1)).rejects.toMatchObject({ code: 'Unavailable', message: expect.stringContaining('connection refused') as string });
    const [first, second] = [await streams.portForward('pod', port), await streams.portForward('pod', port)];
    await expect(streams.portForward('pod', port)).rejects.toMatchObject({ code: 'Unavailable', message: '2 connections into pods of this node are open: no more are made' });
    first.destroy();
    await once(first, 'close');
    const third = await streams.portForward('pod', port);
    third.write('said');
    expect(String((await once(third, 'data'))[0])).toBe('said');
    const closed = [second, third].map((connection) => once(connection, 'close'));
    await streams.close();
    await Promise.all(closed);
  });
});
