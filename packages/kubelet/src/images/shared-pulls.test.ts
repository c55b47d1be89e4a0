import { getEventListeners } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { CriError, type AuthConfig, type PullOptions } from '@podling/cri';
import { FakeClock } from '@podling/shared/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { SharedPulls } from './shared-pulls.ts';

interface Asked {
  reference: string;
  auth: AuthConfig | undefined;
  signal: AbortSignal | undefined;
  done: PromiseWithResolvers<string>;
}

describe('SharedPulls', () => {
  let clock: FakeClock;
  let asked: Asked[];
  const never = new AbortController().signal;

  beforeEach(() => {
    clock = new FakeClock();
    asked = [];
  });

  const sharedPulls = (limit: number): SharedPulls => {
    const pullImage = (reference: string, { signal, auth }: PullOptions = {}): Promise<string> => {
      const done = Promise.withResolvers<string>();
      asked.push({ reference, auth, signal, done });
      return done.promise;
    };
    return new SharedPulls({ images: { pullImage }, clock, limit });
  };

  it('begins anew for who comes after the last one has left', async () => {
    const shared = sharedPulls(Number.POSITIVE_INFINITY);
    const leaving = new AbortController();
    const first = shared.pull('web:1', [], leaving.signal);
    await turn();
    leaving.abort(new Error('the pod is deleted'));
    await expect(first).rejects.toThrow('the pod is deleted');
    const second = shared.pull('web:1', [], never);
    asked[0]?.done.reject(new Error('given up'));
    await turn();
    const third = shared.pull('web:1', [], never);
    await turn();
    expect(asked.map(({ signal }) => signal?.aborted)).toEqual([true, false]);
    asked[1]?.done.resolve('sha256:1');
    expect(await Promise.all([second, third])).toMatchObject([{ tookMs: 0 }, { tookMs: 0, imageId: 'sha256:1' }]);
  });

  it('leaves nothing with the pod that has waited for it', async () => {
    const { signal } = new AbortController();
    const pulled = sharedPulls(1).pull('web:1', [], signal);
    await turn();
    asked[0]?.done.resolve('sha256:1');
    await pulled;
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('is one for equal credentials, and another for others', async () => {
    const shared = sharedPulls(Number.POSITIVE_INFINITY);
    const pulls = ['a', 'a', 'b'].map((username) => shared.pull('web:1', [{ auth: { username } }], never));
    await turn();
    expect(asked.map(({ auth }) => auth?.username)).toEqual(['a', 'b']);
    for (const { done } of asked) done.resolve('');
    await Promise.all(pulls);
  });

  it('runs as many at once as the limit says, in order, and tells the time without the wait', async () => {
    const shared = sharedPulls(1);
    const leaving = new AbortController();
    const [first, left, last] = [shared.pull('a', [], never), shared.pull('b', [], leaving.signal), shared.pull('c', [], never)];
    await turn();
    expect(asked.map(({ reference }) => reference)).toEqual(['a']);
    leaving.abort(new Error('left'));
    await expect(left).rejects.toThrow('left');
    await clock.advance(5_000);
    asked[0]?.done.resolve('');
    expect(await first).toMatchObject({ tookMs: 5_000 });
    await turn();
    expect(asked.map(({ reference }) => reference)).toEqual(['a', 'c']);
    await clock.advance(1_000);
    asked[1]?.done.resolve('');
    expect(await last).toMatchObject({ tookMs: 1_000 });
  });

  it('tries each of the credentials, and tells what all of them got to hear', async () => {
    const shared = sharedPulls(1);
    const pull = shared.pull('web:1', [{ auth: { username: 'a' } }, { auth: { username: 'b' } }], never);
    await turn();
    asked[0]?.done.reject(new CriError('ImagePull', '401'));
    await turn();
    asked[1]?.done.reject(new CriError('ImagePull', '403'));
    await expect(pull).rejects.toMatchObject({ code: 'ImagePull', message: '[401, 403]' });
    const next = shared.pull('web:1', [{ auth: { username: 'a' } }, { auth: { username: 'b' } }], never);
    await turn();
    asked[2]?.done.reject(new CriError('ImagePull', '401'));
    await turn();
    asked[3]?.done.resolve('');
    expect(await next).toMatchObject({ used: { auth: { username: 'b' } } });
    expect(asked.map(({ auth }) => auth?.username)).toEqual(['a', 'b', 'a', 'b']);
  });
});
