import { setImmediate as turn } from 'node:timers/promises';
import type { ImageService, PullOptions } from '@podling/cri';
import { describe, expect, it } from 'vitest';
import { SharedPulls } from './shared-pulls.ts';

describe('SharedPulls', () => {
  it('begins anew for who comes after the last one has left', async () => {
    const pulls: { signal: AbortSignal | undefined; done: PromiseWithResolvers<string> }[] = [];
    const pullImage = (_reference: string, { signal }: PullOptions = {}): Promise<string> => {
      const done = Promise.withResolvers<string>();
      pulls.push({ signal, done });
      return done.promise;
    };
    const shared = new SharedPulls({ pullImage } as unknown as ImageService);
    const leaving = new AbortController();
    const first = shared.pull('web:1', leaving.signal);
    leaving.abort(new Error('the pod is deleted'));
    await expect(first).rejects.toThrow('the pod is deleted');
    const second = shared.pull('web:1', new AbortController().signal);
    pulls[0]?.done.reject(new Error('given up'));
    await turn();
    const third = shared.pull('web:1', new AbortController().signal);
    expect(pulls.map(({ signal }) => signal?.aborted)).toEqual([true, false]);
    pulls[1]?.done.resolve('sha256:1');
    expect(await Promise.all([second, third])).toEqual(['sha256:1', 'sha256:1']);
  });
});
