import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeClock, settle } from '../testing/index.ts';
import { ClockDelayingQueue, FifoWorkQueue, createRateLimitingQueue } from './index.ts';

describe('WorkQueue', () => {
  it('hands out keys in the order they came, each once', async () => {
    const queue = new FifoWorkQueue<string>();
    for (const key of ['a', 'b', 'a', 'c']) queue.add(key);
    expect(queue.length).toBe(3);
    expect([await queue.get(), await queue.get(), await queue.get()]).toEqual(['a', 'b', 'c']);
  });

  it('hands a key to one worker at a time and again after done if it was added meanwhile', async () => {
    const queue = new FifoWorkQueue<string>();
    queue.add('a');
    expect(await queue.get()).toBe('a');
    queue.add('a');
    queue.add('a');
    expect(queue.length).toBe(0);
    queue.done('a');
    expect(queue.length).toBe(1);
    expect(await queue.get()).toBe('a');
    queue.done('a');
    expect(queue.length).toBe(0);
  });

  it('wakes workers that wait, first come first served', async () => {
    const queue = new FifoWorkQueue<string>();
    const waiting = [queue.get(), queue.get()];
    queue.add('a');
    queue.add('b');
    expect(await Promise.all(waiting)).toEqual(['a', 'b']);
  });

  it('hands out what is left after a shut-down, then undefined', async () => {
    const queue = new FifoWorkQueue<string>();
    queue.add('a');
    queue.shutDown();
    queue.add('b');
    expect([await queue.get(), await queue.get()]).toEqual(['a', undefined]);
  });

  it('releases waiting workers at shut-down', async () => {
    const queue = new FifoWorkQueue<string>();
    const waiting = queue.get();
    queue.shutDown();
    expect(await waiting).toBeUndefined();
  });

  it('never loses a key and never works on one twice at once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.constantFrom('add', 'get', 'done'), fc.nat(4)), { maxLength: 200 }), async (steps) => {
        const queue = new FifoWorkQueue<number>();
        const dirty = new Set<number>();
        const working = new Set<number>();
        for (const [step, key] of steps) {
          if (step === 'add') {
            queue.add(key);
            dirty.add(key);
          } else if (step === 'done') {
            if (working.delete(key)) queue.done(key);
          } else if (queue.length > 0) {
            const got = (await queue.get()) as number;
            expect(working.has(got)).toBe(false);
            expect(dirty.delete(got)).toBe(true);
            working.add(got);
          }
        }
        for (const key of working) queue.done(key);
        while (queue.length > 0) {
          const got = (await queue.get()) as number;
          expect(dirty.delete(got)).toBe(true);
          queue.done(got);
        }
        expect(dirty.size).toBe(0);
      }),
      { numRuns: 100 },
    );
  });
});

describe('DelayingQueue', () => {
  it('hands a key out when its time has come', async () => {
    const clock = new FakeClock();
    const queue = new ClockDelayingQueue<string>(clock);
    queue.addAfter('late', 200);
    queue.addAfter('soon', 100);
    queue.addAfter('now', 0);
    expect(queue.length).toBe(1);
    await clock.advance(100);
    expect(queue.length).toBe(2);
    await clock.advance(100);
    expect([await queue.get(), await queue.get(), await queue.get()]).toEqual(['now', 'soon', 'late']);
  });

  it('lets the earlier time win, whichever came first', async () => {
    const clock = new FakeClock();
    const queue = new ClockDelayingQueue<string>(clock);
    queue.addAfter('a', 100);
    queue.addAfter('a', 500);
    queue.addAfter('b', 500);
    queue.addAfter('b', 100);
    await clock.advance(100);
    expect(queue.length).toBe(2);
    expect(clock.pendingTimers).toBe(0);
  });

  it('leaves no timer behind at shut-down', async () => {
    const clock = new FakeClock();
    const queue = new ClockDelayingQueue<string>(clock);
    queue.addAfter('a', 100);
    queue.shutDown();
    queue.addAfter('b', 100);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('RateLimitingQueue', () => {
  it('doubles the wait with each failure until forget', async () => {
    const clock = new FakeClock();
    const queue = createRateLimitingQueue<string>({ clock, initialMs: 10, maxMs: 35 });
    for (const delayMs of [10, 20, 35, 35]) {
      queue.addRateLimited('a');
      await clock.advance(delayMs - 1);
      expect(queue.length).toBe(0);
      await clock.advance(1);
      expect(await queue.get()).toBe('a');
      queue.done('a');
    }
    expect(queue.retries('a')).toBe(4);
    queue.forget('a');
    queue.addRateLimited('a');
    await clock.advance(10);
    await settle();
    expect(queue.length).toBe(1);
  });
});
