import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '@podling/shared/testing';
import { drained } from './back-pressure.ts';

class FakeStream extends EventEmitter {
  writableLength = 10;
  destroyed = false;
}

describe('drained', () => {
  it('is true once the stream has drained', async () => {
    const stream = new FakeStream();
    const result = drained(stream, new FakeClock());
    stream.emit('drain');
    expect(await result).toBe(true);
    expect(stream.eventNames()).toEqual([]);
  });

  it('is false when the stream closes, or was closed before', async () => {
    const stream = new FakeStream();
    const result = drained(stream, new FakeClock());
    stream.emit('close');
    expect(await result).toBe(false);
    stream.destroyed = true;
    expect(await drained(stream, new FakeClock())).toBe(false);
  });

  it('is false for a client that takes nothing for ten seconds', async () => {
    const clock = new FakeClock();
    const stream = new FakeStream();
    const result = drained(stream, clock);
    await clock.advance(10_000);
    expect(await result).toBe(false);
    expect(stream.eventNames()).toEqual([]);
  });
});
