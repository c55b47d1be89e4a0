import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '@podling/shared/testing';
import { Change } from '../change.ts';
import { isStorageError } from '../errors.ts';
import { StoredObject } from '../stored-object.ts';
import { ChangeRing } from './change-ring.ts';

const change = (revision: number, bytes = 10): Change => new Change('modified', new StoredObject('/k', String(revision), Buffer.alloc(bytes)));
const failsWith = (code: 'Compacted' | 'SlowConsumer') => expect.toSatisfy((error: unknown) => isStorageError(error, code));

describe('ChangeRing', () => {
  let clock: FakeClock;
  beforeEach(() => {
    clock = new FakeClock();
  });
  const ring = (limits: { historySize?: number; historyBytes?: number } = {}): ChangeRing =>
    new ChangeRing(clock, { historySize: 100_000, historyBytes: 1e9, ...limits }, '5');
  const fill = (target: ChangeRing, from: number, to: number, bytes?: number): void => {
    for (let revision = from; revision <= to; revision += 1) target.append(change(revision, bytes));
  };

  it('is empty but knows where it begins', () => {
    const empty = ring();
    expect([empty.end, empty.positionAfter('5'), empty.positionAfter('9')]).toEqual([0, 0, 0]);
    expect(empty.at(0)).toBeUndefined();
    expect(() => empty.positionAfter('4')).toThrow(failsWith('Compacted'));
  });

  it('finds the change after a revision, also one that is not there', () => {
    const some = ring();
    for (const revision of [6, 8, 8, 11]) some.append(change(revision));
    const after = (revision: string): string | undefined => some.at(some.positionAfter(revision))?.revision;
    expect(['5', '6', '7', '8', '10', '11'].map(after)).toEqual(['6', '8', '8', '11', '11', undefined]);
  });

  it('drops the oldest beyond its number or its bytes, never the last', () => {
    const byCount = ring({ historySize: 3 });
    fill(byCount, 6, 10);
    expect(byCount.at(2)?.revision).toBe('8');
    expect(() => byCount.at(1)).toThrow(failsWith('SlowConsumer'));
    expect([byCount.positionAfter('7'), byCount.end]).toEqual([2, 5]);
    expect(() => byCount.positionAfter('6')).toThrow(failsWith('Compacted'));
    const byBytes = ring({ historyBytes: 100 });
    fill(byBytes, 6, 9, 40);
    expect(byBytes.at(2)?.revision).toBe('8');
    expect(() => byBytes.at(1)).toThrow(failsWith('SlowConsumer'));
    byBytes.append(change(10, 5000));
    expect(byBytes.at(4)?.revision).toBe('10');
  });

  it('keeps what is younger than 75 s and always a hundred', async () => {
    const aged = ring();
    fill(aged, 6, 505);
    await clock.advance(75_000);
    aged.append(change(506));
    expect(aged.at(0)?.revision).toBe('6');
    await clock.advance(1);
    aged.append(change(507));
    expect(aged.positionAfter('407')).toBe(402);
    expect(() => aged.positionAfter('406')).toThrow(failsWith('Compacted'));
  });

  it('keeps positions over many times its size', () => {
    const small = ring({ historySize: 50 });
    fill(small, 6, 10_005);
    expect(small.end).toBe(10_000);
    expect(small.at(9_950)?.revision).toBe('9956');
    expect(() => small.at(9_949)).toThrow(failsWith('SlowConsumer'));
  });

  it('lets go of decoded states that are past', () => {
    const before = new StoredObject('/k', '6', Buffer.from('{"metadata":{"name":"a"}}'));
    const some = ring();
    const { object } = before;
    some.append(new Change('modified', new StoredObject('/k', '7', Buffer.alloc(1)), { before }));
    expect(before.object).toBe(object);
    fill(some, 8, 100);
    expect(before.object).not.toBe(object);
  });
});
