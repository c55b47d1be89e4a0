import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AsyncQueue } from './async-queue.ts';

async function drain<T>(queue: AsyncQueue<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of queue) items.push(item);
  return items;
}

describe('AsyncQueue', () => {
  it('hands out what was queued before its end', async () => {
    const queue = new AsyncQueue<number>();
    queue.push(1);
    queue.push(2);
    queue.end();
    expect(queue.push(3)).toBe(false);
    expect(await drain(queue)).toEqual([1, 2]);
  });

  it('throws its failure after what was queued before it', async () => {
    const queue = new AsyncQueue<number>();
    queue.push(1);
    queue.fail(new Error('broken'));
    expect(await queue.next()).toEqual({ done: false, value: 1 });
    await expect(queue.next()).rejects.toThrow('broken');
    expect(await queue.next()).toEqual({ done: true, value: undefined });
  });

  it('wakes a reader that waits', async () => {
    const queue = new AsyncQueue<number>();
    const reading = drain(queue);
    queue.push(7);
    queue.end();
    expect(await reading).toEqual([7]);
  });

  it('refuses what exceeds its capacity', async () => {
    const queue = new AsyncQueue<number>({ capacity: 2 });
    expect([1, 2, 3].map((item) => queue.push(item))).toEqual([true, true, false]);
    queue.end();
    expect(await drain(queue)).toEqual([1, 2]);
  });

  it('drops what is left when its reader leaves the loop', async () => {
    const queue = new AsyncQueue<number>();
    queue.push(1);
    queue.push(2);
    for await (const item of queue) if (item === 1) break;
    expect(queue.ended).toBe(true);
    expect(queue.length).toBe(0);
  });

  it('keeps the order whatever the mix of pushes and reads', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 3000 }), async (steps) => {
        const queue = new AsyncQueue<number>();
        const received: number[] = [];
        let pushed = 0;
        for (const isPush of steps) {
          if (isPush) queue.push(pushed++);
          else if (queue.length > 0) received.push((await queue.next()).value as number);
        }
        queue.end();
        received.push(...(await drain(queue)));
        expect(received).toEqual(Array.from({ length: pushed }, (_, index) => index));
      }),
      { numRuns: 50 },
    );
  });
});
