import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isStorageError } from './errors.ts';
import { checkedRevision, compareRevisions, isRevision, newestRevision, nextRevision } from './versioner.ts';

const revision = fc.bigInt({ min: 0n, max: 2n ** 63n - 2n });

describe('versioner', () => {
  it('orders revisions as numbers, exactly', () => {
    fc.assert(fc.property(revision, revision, (left, right) => {
      expect(Math.sign(compareRevisions(String(left), String(right)))).toBe(left === right ? 0 : left < right ? -1 : 1);
      expect(newestRevision(String(left), String(right))).toBe(String(left > right ? left : right));
    }));
  });

  it('finds the next revision of any size', () => {
    fc.assert(fc.property(revision, (value) => {
      expect(nextRevision(String(value))).toBe(String(value + 1n));
    }));
  });

  it.each(['', '-1', '01', '1.5', '1e3', ' 1', 'abc', '0x1', '9'.repeat(20)])('refuses %j', (text) => {
    expect(isRevision(text)).toBe(false);
    expect(() => checkedRevision(text)).toThrow(expect.toSatisfy((error) => isStorageError(error, 'InvalidObject')));
  });
});
