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

  it('lets who aborts leave the row, and nobody lose a turn for it', async () => {
    const turns = new Turns(1);
    const [first, aborting] = [Promise.withResolvers<void>(), new AbortController()];
    const started: string[] = [];
    const take = (name: string, work: Promise<void>, signal?: AbortSignal) => turns.take(() => (started.push(name), work), signal).catch((error: Error) => error.message);
    const results = [take('first', first.promise), take('leaving', Promise.resolve(), aborting.signal), take('last', Promise.resolve())];
    aborting.abort(new Error('left'));
    expect(await results[1]).toBe('left');
    first.resolve();
    await Promise.all(results);
    expect(started).toEqual(['first', 'last']);
    expect(await take('late', Promise.resolve(), aborting.signal)).toBe('left');
    await take('free', Promise.resolve());
    expect(started).toEqual(['first', 'last', 'free']);
  });
});
