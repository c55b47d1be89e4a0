import { describe, expect, it, vi } from 'vitest';
import { PauseStarts } from './pause-starts.ts';

function setUp() {
  const starts = new PauseStarts();
  const nerdctl = Promise.withResolvers<string>();
  const onLateFailure = vi.fn((_id: string, _error: unknown) => Promise.resolve());
  return { starts, nerdctl, onLateFailure, started: starts.start('pod-0-pause', () => nerdctl.promise, onLateFailure) };
}

describe('PauseStarts', () => {
  it('hands a sandbox out when its task is made, and is settled when nerdctl has ended', async () => {
    const { starts, nerdctl, started, onLateFailure } = setUp();
    starts.containerMade('another-0-pause', 'other');
    starts.taskMade('other', 6);
    starts.containerMade('pod-0-pause', 'abc');
    starts.taskMade('abc', 7);
    expect(await started).toEqual({ id: 'abc', pid: 7 });
    expect(starts.isSettled('abc')).toBe(false);
    nerdctl.resolve('abc');
    await starts.settled('abc');
    expect(starts.isSettled('abc')).toBe(true);
    expect(onLateFailure).not.toHaveBeenCalled();
  });

  it('needs no event', async () => {
    const { starts, nerdctl, started } = setUp();
    starts.taskMade('abc', 7);
    nerdctl.resolve('abc');
    expect(await started).toEqual({ id: 'abc', pid: undefined });
    await starts.settled('abc');
    expect(starts.isWaiting()).toBe(false);
  });

  it('fails with nerdctl while there is no task', async () => {
    const { nerdctl, started, starts } = setUp();
    nerdctl.reject(new Error('no network'));
    await expect(started).rejects.toThrow('no network');
    expect(starts.isWaiting()).toBe(false);
  });

  it('tells late that nerdctl failed after the task was made', async () => {
    const { starts, nerdctl, started, onLateFailure } = setUp();
    starts.containerMade('pod-0-pause', 'abc');
    starts.taskMade('abc', 7);
    await started;
    const failure = new Error('task not started');
    nerdctl.reject(failure);
    await starts.settled('abc');
    expect(onLateFailure).toHaveBeenCalledWith('abc', failure);
  });
});
