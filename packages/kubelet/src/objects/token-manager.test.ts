import type { TokenRequest } from '@podling/shared/api';
import { FakeClock } from '@podling/shared/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { podOf } from '../testing/runtime-objects.ts';
import { TokenManager } from './token-manager.ts';

const pod = podOf([{ name: 'web' }], { serviceAccountName: 'default' });
const wish = { audience: '', expirationSeconds: 3600 };
let clock: FakeClock;
let tokens: TokenManager;
let issued: number;
let failure: Error | undefined;

beforeEach(() => {
  [clock, issued, failure] = [new FakeClock(), 0, undefined];
  const createToken = async (_namespace: string, name: string, spec: TokenRequest['spec']): Promise<TokenRequest> => {
    if (failure) throw failure;
    const expirationTimestamp = new Date(clock.now() + (spec.expirationSeconds ?? 0) * 1000).toISOString();
    return { metadata: { name }, spec, status: { token: `t${(issued += 1)}`, expirationTimestamp } };
  };
  tokens = new TokenManager({ client: { createToken }, clock, random: () => 0 });
});

describe('TokenManager', () => {
  it('asks once for what is asked often, and anew when a fifth of the life is left', async () => {
    expect([await tokens.token(pod, wish), await tokens.token(pod, wish)]).toEqual(['t1', 't1']);
    await clock.advance(2_879_000);
    expect(await tokens.token(pod, wish)).toBe('t1');
    await clock.advance(2_000);
    expect(await tokens.token(pod, wish)).toBe('t2');
  });

  it('asks anew at once when the clock is set forward past that, and no later than ever when it is set back', async () => {
    await tokens.token(pod, wish);
    clock.jump(3_600_000);
    expect(await tokens.token(pod, wish)).toBe('t2');
    clock.jump(-7_200_000);
    expect(tokens.dueMs(pod, wish) - clock.monotonic()).toBe(2_880_000);
    await clock.advance(2_881_000);
    expect(await tokens.token(pod, wish)).toBe('t3');
  });

  it('replaces a token after a day, however long it lives', async () => {
    const long = { audience: '', expirationSeconds: 30 * 24 * 3600 };
    await tokens.token(pod, long);
    await clock.advance(24 * 3600_000 + 1);
    expect(await tokens.token(pod, long)).toBe('t2');
  });

  it('keeps audiences and pods apart', async () => {
    const other = { ...pod, metadata: { ...pod.metadata, uid: 'other' } };
    expect([await tokens.token(pod, wish), await tokens.token(pod, { ...wish, audience: 'vault' }), await tokens.token(other, wish)]).toEqual(['t1', 't2', 't3']);
  });

  it('goes on with a valid token while none can be had, and fails after that', async () => {
    await tokens.token(pod, wish);
    failure = new Error('no answer');
    await clock.advance(3_500_000);
    expect(await tokens.token(pod, wish)).toBe('t1');
    await clock.advance(200_000);
    await expect(tokens.token(pod, wish)).rejects.toThrow('token expired and refresh failed: no answer');
  });

  it('forgets the tokens of a pod that is gone', async () => {
    await tokens.token(pod, wish);
    tokens.forgetPod(pod.metadata.uid ?? '');
    expect(await tokens.token(pod, wish)).toBe('t2');
  });
});
