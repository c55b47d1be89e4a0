import { PassThrough } from 'node:stream';
import { FakeClock, settle } from '@podling/shared/testing';
import { describe, expect, it } from 'vitest';
import { readRefusal } from './read-refusal.ts';

describe('a refusal', () => {
  it('is said to its end', async () => {
    const [body, clock] = [new PassThrough(), new FakeClock()];
    body.end('no such container');
    expect(String(await readRefusal(body, clock))).toBe('no such container');
    expect(clock.pendingTimers).toBe(0);
  });

  it('is not waited for: what has come in time is said', async () => {
    const [body, clock] = [new PassThrough(), new FakeClock()];
    body.write('no ');
    const reading = readRefusal(body, clock);
    await settle();
    for (let second = 0; second < 10; second += 1) {
      body.write('.');
      await clock.advance(1_000);
      await settle();
    }
    expect(String(await reading)).toMatch(/^no \.{9,10}$/);
    expect(body.destroyed).toBe(true);
  });

  it('is cut where it is long, or breaks', async () => {
    const long = new PassThrough();
    long.write(Buffer.alloc(100_000, 'x'));
    expect(await readRefusal(long)).toHaveLength(16 * 1024);
    expect(long.destroyed).toBe(true);
    const broken = new PassThrough();
    broken.write('half');
    setImmediate(() => broken.destroy(new Error('gone')));
    expect(String(await readRefusal(broken))).toMatch(/^(half)?$/);
  });
});
