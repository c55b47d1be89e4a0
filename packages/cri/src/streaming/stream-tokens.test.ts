import { FakeClock } from '@podling/shared/testing';
import { describe, expect, it } from 'vitest';
import { StreamTokens } from './stream-tokens.ts';

describe('StreamTokens', () => {
  it('are good once, and for a minute', async () => {
    const clock = new FakeClock();
    const tokens = new StreamTokens<string>(clock);
    const [first, second] = [tokens.put('first'), tokens.put('second')];
    expect([tokens.take(first), tokens.take(first), tokens.take('none')]).toEqual(['first', undefined, undefined]);
    await clock.advance(60_000);
    expect(tokens.take(second)).toBeUndefined();
  });

  it('are no more than can be kept', async () => {
    const clock = new FakeClock();
    const tokens = new StreamTokens<number>(clock);
    for (let index = 0; index < 1_000; index += 1) tokens.put(index);
    expect(() => tokens.put(0)).toThrow(/not fetched/);
    await clock.advance(60_000);
    expect(tokens.take(tokens.put(7))).toBe(7);
  });
});
