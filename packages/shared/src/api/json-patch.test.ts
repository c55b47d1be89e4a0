import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PatchError } from './patch-error.ts';
import { applyJsonPatch } from './json-patch.ts';

describe('applyJsonPatch', () => {
  it.each([
    ['adds a member', { a: 1 }, [{ op: 'add', path: '/b', value: 2 }], { a: 1, b: 2 }],
    ['inserts into a list', { l: [1, 3] }, [{ op: 'add', path: '/l/1', value: 2 }], { l: [1, 2, 3] }],
    ['appends to a list', { l: [1] }, [{ op: 'add', path: '/l/-', value: 2 }], { l: [1, 2] }],
    ['removes', { a: 1, l: [1, 2] }, [{ op: 'remove', path: '/a' }, { op: 'remove', path: '/l/0' }], { l: [2] }],
    ['replaces', { a: 1 }, [{ op: 'replace', path: '/a', value: { b: 2 } }], { a: { b: 2 } }],
    ['replaces an element', { l: [1, 2, 3] }, [{ op: 'replace', path: '/l/1', value: 9 }], { l: [1, 9, 3] }],
    ['moves', { a: { b: 1 }, c: {} }, [{ op: 'move', from: '/a/b', path: '/c/d' }], { a: {}, c: { d: 1 } }],
    ['copies', { a: [1] }, [{ op: 'copy', from: '/a', path: '/b' }, { op: 'add', path: '/b/-', value: 2 }], { a: [1], b: [1, 2] }],
    ['tests', { a: { b: [1] } }, [{ op: 'test', path: '/a', value: { b: [1] } }], { a: { b: [1] } }],
    ['unescapes pointers', { 'a/b': 1, 'c~d': 2 }, [{ op: 'remove', path: '/a~1b' }, { op: 'remove', path: '/c~0d' }], {}],
    ['replaces the root', { a: 1 }, [{ op: 'replace', path: '', value: { b: 1 } }], { b: 1 }],
  ])('%s', (_what, document, patch, expected) => {
    const before = structuredClone(document);
    expect(applyJsonPatch(document, patch)).toEqual(expected);
    expect(document).toEqual(before);
  });

  it.each([
    ['a patch that is no list', {}], ['an operation without a path', [{ op: 'add' }]], ['an unknown operation', [{ op: 'spoil', path: '/a' }]],
    ['a path that is not there', [{ op: 'remove', path: '/x' }]], ['a path through a scalar', [{ op: 'add', path: '/a/b', value: 1 }]],
    ['an index past the end', [{ op: 'add', path: '/l/9', value: 1 }]], ['a failed test', [{ op: 'test', path: '/a', value: 2 }]],
    ['a move into itself', [{ op: 'move', from: '/o', path: '/o/p' }]], ['inherited members', [{ op: 'remove', path: '/__proto__' }]],
    ['a pointer without a slash', [{ op: 'remove', path: 'a' }]], ['a copy without from', [{ op: 'copy', path: '/b' }]],
  ])('refuses %s', (_what, patch) => {
    expect(() => applyJsonPatch({ a: 1, l: [1], o: {} }, patch)).toThrow(PatchError);
  });

  it('does not let copies grow without bound', () => {
    const patch = Array.from({ length: 60 }, (_, index) => ({ op: 'copy', from: '/a', path: `/a/${index}` }));
    expect(() => applyJsonPatch({ a: { x: 'x'.repeat(1000) } }, patch)).toThrow('copies exceed');
  });

  it('never touches a prototype', () => {
    applyJsonPatch({}, [{ op: 'add', path: '/__proto__', value: { polluted: true } }]);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('throws nothing but PatchError, whatever the patch', () => {
    const operation = fc.record({ op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test'), path: fc.string(), from: fc.string(), value: fc.jsonValue() });
    fc.assert(fc.property(fc.jsonValue(), fc.array(operation), (document, patch) => {
      try {
        applyJsonPatch(document, patch);
      } catch (error) {
        expect(error).toBeInstanceOf(PatchError);
      }
    }));
  });
});
