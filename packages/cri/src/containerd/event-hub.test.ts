import { EventEmitter, getEventListeners } from 'node:events';
import { status } from '@grpc/grpc-js';
import { createLogger, systemClock } from '@podling/shared/util';
import { describe, expect, it, vi } from 'vitest';
import type { ContainerdClient } from './containerd-client.ts';
import { EventHub } from './event-hub.ts';

class Stream extends EventEmitter {
  cancel(): void {}
}

describe('EventHub', () => {
  it('lets go of a reader and of its signal when the connection is lost', async () => {
    const streams: Stream[] = [];
    const stream = (): Stream => streams[streams.push(new Stream()) - 1] as Stream;
    const client = { namespace: 'test', call: () => Promise.resolve({}), stream } as unknown as ContainerdClient;
    const connected = vi.fn(() => Promise.resolve());
    const hub = new EventHub({
      client, clock: systemClock, logger: createLogger('test', 'silent'),
      onConnected: connected, onExit: () => undefined, onTaskMade: () => undefined, lookUp: () => Promise.resolve(undefined),
    });
    const { signal } = new AbortController();
    hub.start();
    for (const attempt of [1, 2, 3]) {
      await vi.waitFor(() => expect(connected).toHaveBeenCalledTimes(attempt), { timeout: 10_000 });
      const reader = hub.subscribe(signal)[Symbol.asyncIterator]();
      streams.at(-1)?.emit('error', Object.assign(new Error('containerd is gone'), { code: status.UNAVAILABLE, details: 'containerd is gone' }));
      await expect(reader.next()).rejects.toThrow('the connection to containerd was lost');
      expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    }
    await hub.stop();
  });
});
