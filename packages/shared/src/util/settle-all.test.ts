import { describe, expect, it } from 'vitest';
import { settleAll } from './settle-all.ts';

describe('settleAll', () => {
  it('answers with all results, in their order', async () => {
    expect(await settleAll([Promise.resolve(1), Promise.resolve('two')])).toEqual([1, 'two']);
  });

  it('fails with the first failure, when nothing goes on any more', async () => {
    const slow = Promise.withResolvers<void>();
    let told = false;
    const all = settleAll([slow.promise, Promise.reject(new Error('second'))]).finally(() => (told = true));
    const failed = expect(all).rejects.toThrow('second');
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).toBe(false);
    slow.resolve();
    await failed;
  });
});
