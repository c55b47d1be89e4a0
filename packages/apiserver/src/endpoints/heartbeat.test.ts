import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { FakeClock } from '@podling/shared/testing';
import { Heartbeat } from './heartbeat.ts';

class FakeSocket extends EventEmitter {
  answers = true;
  open = true;

  ping(): void {
    if (this.answers) this.emit('pong');
  }

  terminate(): void {
    this.open = false;
    this.emit('close');
  }
}

function watched(heartbeat: Heartbeat): FakeSocket {
  const socket = new FakeSocket();
  heartbeat.watch(socket as unknown as WebSocket);
  return socket;
}

describe('Heartbeat', () => {
  it('keeps a socket that answers', async () => {
    const clock = new FakeClock();
    const socket = watched(new Heartbeat(clock));
    await clock.advance(100_000);
    expect(socket.open).toBe(true);
  });

  it('tears down within two periods a socket that has fallen silent', async () => {
    const clock = new FakeClock();
    const heartbeat = new Heartbeat(clock);
    const [silent, lively] = [watched(heartbeat), watched(heartbeat)];
    silent.answers = false;
    await clock.advance(20_000);
    expect([silent.open, lively.open]).toEqual([false, true]);
  });

  it('counts a ping of the client as a sign of life', async () => {
    const clock = new FakeClock();
    const socket = watched(new Heartbeat(clock));
    socket.answers = false;
    for (let beat = 0; beat < 5; beat += 1) {
      await clock.advance(9_000);
      socket.emit('ping');
    }
    expect(socket.open).toBe(true);
  });
});
