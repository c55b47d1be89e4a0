import { FakeClock, settle } from '@podling/shared/testing';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { ImageGcLoop } from './image-gc-loop.ts';

const loopWith = (clock: FakeClock, collects: boolean, failures: number) => {
  const seen: string[] = [];
  let left = failures;
  const loop = new ImageGcLoop({
    manager: {
      collectGarbage: async () => {
        seen.push('collected');
        if (left-- > 0) throw new Error('no room');
      },
      detectImages: async () => void seen.push('detected'),
    },
    collects, onFailed: (message) => void seen.push(`ImageGCFailed: ${message}`), clock, logger: pino({ level: 'silent' }),
  });
  return { loop, seen };
};

describe('ImageGcLoop', () => {
  it('tells of the second failure in a row, not of the first', async () => {
    const clock = new FakeClock();
    const { loop, seen } = loopWith(clock, true, 2);
    loop.start();
    await settle();
    for (let pass = 0; pass < 2; pass += 1) await clock.advance(5 * 60_000);
    await settle();
    await loop.stop();
    expect(seen).toEqual(['collected', 'collected', 'ImageGCFailed: no room', 'collected']);
  });

  it('only notes what is used where nothing is to be collected', async () => {
    const { loop, seen } = loopWith(new FakeClock(), false, 0);
    loop.start();
    await settle();
    await loop.stop();
    expect(seen).toEqual(['detected']);
  });
});
