import { FakeClock, settle } from '@podling/shared/testing';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { RuntimePod } from '../runtime/runtime.ts';
import { GenericPleg } from './generic-pleg.ts';
import { PlegMetrics } from './pleg-metrics.ts';

function setUp() {
  const clock = new FakeClock();
  const metrics = new PlegMetrics();
  let answer = (): Promise<RuntimePod[]> => Promise.resolve([]);
  const pleg = new GenericPleg({ listPods: () => answer(), onChange: () => undefined, metrics, clock, logger: pino({ level: 'silent' }), relistPeriodMs: 60_000 });
  return { clock, metrics, pleg, runtimeAnswers: (how: typeof answer) => void (answer = how) };
}

const minutes = async (clock: FakeClock, count: number): Promise<void> => {
  for (let second = 0; second < count * 60; second += 5) await clock.advance(5_000);
};

describe('GenericPleg', () => {
  it.each([
    ['hangs', () => new Promise<never>(() => undefined)],
    ['fails', () => Promise.reject(new Error('containerd is away'))],
  ])('is not healthy when the runtime %s for more than three minutes, and is again when it answers', async (_, how) => {
    const { clock, pleg, runtimeAnswers } = setUp();
    pleg.start();
    await pleg.relist();
    runtimeAnswers(how);
    await minutes(clock, 3);
    expect(pleg.problem()).toBeUndefined();
    await clock.advance(2_500);
    expect(pleg.problem()).toBe('pleg was last seen active 3m2.5s ago; threshold is 3m0s');
    runtimeAnswers(() => Promise.resolve([]));
    await minutes(clock, 3);
    expect(pleg.problem()).toBeUndefined();
    await pleg.stop();
  });

  it('has the first relist done within three minutes, too', async () => {
    const { clock, pleg, runtimeAnswers } = setUp();
    runtimeAnswers(() => Promise.reject(new Error('containerd is away')));
    pleg.start();
    expect(pleg.problem()).toBeUndefined();
    await minutes(clock, 4);
    expect(pleg.problem()).toBe('pleg has yet to be successful');
    await pleg.stop();
  });

  it('counts its relists, and the time between them', async () => {
    const { clock, metrics, pleg } = setUp();
    pleg.start();
    await pleg.relist();
    await clock.advance(60_000);
    await settle();
    const of = (name: string) => metrics.families().find((family) => family.name === name)?.samples ?? [];
    expect(of('kubelet_pleg_relist_duration_seconds')).toContainEqual({ suffix: '_count', value: 2 });
    expect(of('kubelet_pleg_relist_interval_seconds')).toEqual(expect.arrayContaining([{ suffix: '_bucket', labels: { le: '10' }, value: 0 }, { suffix: '_bucket', labels: { le: '+Inf' }, value: 1 }, { suffix: '_sum', value: 60 }]));
    await pleg.stop();
  });
});
