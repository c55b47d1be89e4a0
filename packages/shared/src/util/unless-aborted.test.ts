import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { unlessAborted } from './unless-aborted.ts';

describe('unlessAborted', () => {
  it('hands on what becomes of the work, and listens no longer than that', async () => {
    const { signal } = new AbortController();
    expect(await unlessAborted(Promise.resolve(1), signal)).toBe(1);
    await expect(unlessAborted(Promise.reject(new Error('failed')), signal)).rejects.toThrow('failed');
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('does not wait for the work once aborted, whose failure is nobody\'s then', async () => {
    const [aborting, work] = [new AbortController(), Promise.withResolvers<void>()];
    const waiting = expect(unlessAborted(work.promise, aborting.signal)).rejects.toThrow('enough');
    aborting.abort(new Error('enough'));
    await waiting;
    await expect(unlessAborted(work.promise, aborting.signal)).rejects.toThrow('enough');
    work.reject(new Error('late'));
  });
});
