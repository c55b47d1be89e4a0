import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Turns } from './turns.ts';

describe('Turns', () => {
  it('lets so many go on at once, the others in order, whatever becomes of those before them', async () => {
    const turns = new Turns(2);
    const started: number[] = [];
    const works = [0, 1, 2, 3].map(() => Promise.withResolvers<void>());
    const results = works.map(({ promise }, index) => turns.take(() => (started.push(index), promise)).catch((error: Error) => error.message));
    await setImmediate();
    expect(started).toEqual([0, 1]);
    works[1]?.reject(new Error('failed'));
    await setImmediate();
    expect(started).toEqual([0, 1, 2]);
    works[0]?.resolve();
    works[2]?.resolve();
    works[3]?.resolve();
    expect(await Promise.all(results)).toEqual([undefined, 'failed', undefined, undefined]);
    expect(started).toEqual([0, 1, 2, 3]);
  });
});
