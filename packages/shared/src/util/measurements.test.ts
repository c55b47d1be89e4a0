import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock, settle } from '../testing/index.ts';
import { Measurements } from './measurements.ts';

let clock: FakeClock;
let asked: string[][];
let sizes: Record<string, number>;
let resting: string[];
let figures: Measurements<{ size: number; timestampMs: number }>;

beforeEach(() => {
  [clock, asked, sizes, resting] = [new FakeClock(), [], { a: 1, b: 2 }, []];
  figures = new Measurements({
    clock, maxBatch: 2,
    isResting: (key) => resting.includes(key),
    measure: async (keys, tell) => {
      asked.push([...keys]);
      await Promise.resolve();
      for (const key of keys) if (sizes[key] !== undefined) tell(key, { size: sizes[key], timestampMs: clock.now() });
    },
  });
});

const sizesOf = (map: Map<string, { size: number }>): object => Object.fromEntries([...map].map(([key, { size }]) => [key, size]));

describe('Measurements', () => {
  it('answers from what it knows while that is young enough', async () => {
    await figures.measure(['a'], 10);
    await clock.advance(9);
    sizes['a'] = 5;
    expect(sizesOf(await figures.measure(['a'], 10))).toEqual({ a: 1 });
    await clock.advance(1);
    expect(sizesOf(await figures.measure(['a'], 10))).toEqual({ a: 5 });
    expect(asked).toHaveLength(2);
  });

  it('measures behind those that do not wait', async () => {
    expect(figures.latest(['a'], 10).size).toBe(0);
    expect(figures.latest(['a'], 10).size).toBe(0);
    await settle();
    expect(sizesOf(figures.latest(['a'], 10))).toEqual({ a: 1 });
    expect(asked).toEqual([['a']]);
  });

  it('keeps the last figure of what cannot be measured any more, and has none of what never could', async () => {
    await figures.measure(['a'], 0);
    delete sizes['a'];
    expect(sizesOf(await figures.measure(['a', 'none'], 0))).toEqual({ a: 1 });
  });

  it('goes through one batch at a time, however many ask', async () => {
    sizes = { a: 1, b: 2, c: 3 };
    const answers = await Promise.all([figures.measure(['a', 'b', 'c'], 10), figures.measure(['c', 'b'], 10)]);
    expect(answers.map(sizesOf)).toEqual([{ a: 1, b: 2, c: 3 }, { b: 2, c: 3 }]);
    expect(asked).toEqual([['a', 'b'], ['c']]);
  });

  it('leaves alone what rests', async () => {
    resting = ['a'];
    expect(sizesOf(await figures.measure(['a', 'b'], 0))).toEqual({ b: 2 });
  });

  it('forgets what nobody asks about', async () => {
    await figures.measure(['a'], 10);
    await clock.advance(20 * 60_000);
    await figures.measure(['b'], 10);
    expect(figures.latest(['a'], Number.POSITIVE_INFINITY).size).toBe(0);
  });

  it('starts again after the clock was set back', async () => {
    await figures.measure(['a'], 10);
    clock.jump(-3_600_000);
    await figures.measure(['a'], 10);
    expect(asked).toHaveLength(2);
  });
});
