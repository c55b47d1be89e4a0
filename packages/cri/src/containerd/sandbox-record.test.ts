import { identify } from '@podling/shared/process';
import { describe, expect, it } from 'vitest';
import { bootId, isReady } from './sandbox-record.ts';

describe('a sandbox record', () => {
  it('is of one process of one run of the machine', () => {
    const { pid, startTime: pidStartTime } = identify(process.pid) ?? expect.fail('this process is not there');
    expect(isReady({ pid, pidStartTime, bootId })).toBe(true);
    expect(isReady({ pid, pidStartTime })).toBe(true);
    expect(isReady({ pid, pidStartTime: '1', bootId })).toBe(false);
    expect(isReady({ pid, pidStartTime, bootId: 'before' })).toBe(false);
  });
});
