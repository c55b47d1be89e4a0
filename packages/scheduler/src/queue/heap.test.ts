import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Heap } from './heap.ts';

interface Item {
  key: string;
  rank: number;
}

describe('Heap', () => {
  it('hands out the least element first, whatever was pushed, replaced and deleted', () => {
    const steps = fc.array(fc.tuple(fc.constantFrom('push', 'delete', 'pop'), fc.nat(9), fc.nat(100)), { maxLength: 200 });
    fc.assert(
      fc.property(steps, (all) => {
        const heap = new Heap<Item>(({ key }) => key, (a, b) => a.rank < b.rank);
        const model = new Map<string, number>();
        for (const [step, number, rank] of all) {
          const key = String(number);
          if (step === 'push') {
            heap.push({ key, rank });
            model.set(key, rank);
          } else if (step === 'delete') {
            expect(heap.delete(key)?.rank).toBe(model.get(key));
            model.delete(key);
          } else {
            const popped = heap.pop();
            expect(popped?.rank).toBe(model.size === 0 ? undefined : Math.min(...model.values()));
            if (popped) model.delete(popped.key);
          }
          expect(heap.size).toBe(model.size);
        }
        for (const [key, rank] of model) expect(heap.get(key)?.rank).toBe(rank);
      }),
    );
  });
});
