import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecodeError } from './decode-error.ts';
import { applyMergePatch, createThreeWayMergePatch } from './merge-patch.ts';

describe('JSON merge patch', () => {
  // The examples of RFC 7386, appendix A.
  it.each<[unknown, unknown, unknown]>([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [['a', 'b'], ['c', 'd'], ['c', 'd']],
    [{ a: 'b' }, ['c'], ['c']],
    [{ a: 'foo' }, null, null],
    [{ a: 'foo' }, 'bar', 'bar'],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('%j with %j is %j', (original, patch, result) => {
    expect(applyMergePatch(original, patch)).toEqual(result);
  });

  it('refuses a patch that nests too deep', () => {
    const deep: unknown = JSON.parse(`${'[{"a":'.repeat(2000)}1${'}]'.repeat(2000)}`);
    expect(() => applyMergePatch({}, deep)).toThrow(DecodeError);
  });

  const { object } = fc.letrec<{ object: Record<string, unknown>; value: unknown }>((tie) => ({
    object: fc.dictionary(fc.constantFrom('a', 'b', 'c', '__proto__', 'toString'), tie('value'), { maxKeys: 4, noNullPrototype: true }),
    value: fc.oneof({ maxDepth: 4 }, fc.boolean(), fc.integer(), fc.string(), fc.array(fc.integer()), tie('object')),
  }));

  it('made from two objects turns the one into the other', () => {
    fc.assert(
      fc.property(object, object, (current, modified) => {
        expect(applyMergePatch(current, createThreeWayMergePatch(current, modified, current))).toEqual(modified);
      }),
      { numRuns: 500 },
    );
  });

  it('leaves what others have set and removes what was once applied', () => {
    const patch = createThreeWayMergePatch({ a: 1, gone: 1, deep: { x: 1 } }, { a: 2, deep: { y: 1 } }, { a: 1, gone: 1, theirs: 1, deep: { x: 1, z: 1 } });
    expect(patch).toEqual({ a: 2, deep: { y: 1, x: null }, gone: null });
  });
});
