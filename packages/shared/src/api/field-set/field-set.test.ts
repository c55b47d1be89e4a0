import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeFields, difference, differenceBelow, equalFieldSets, fieldSetOf, intersection, parseFieldSet, sortFieldSet, union } from './field-set.ts';
import type { FieldSet, OptionalFieldSet } from './field-set.ts';
import { compareRanks, keyElement, parsePathElement, rankOf, valueElement } from './path-element.ts';

const step = fc.oneof(
  fc.constantFrom('a', 'b', 'c', '.', '__proto__').map((name) => `f:${name}`),
  fc.constantFrom('x', '<&>', 1, true).map(valueElement),
  fc.tuple(fc.constantFrom('x', 'y'), fc.integer({ min: 0, max: 2 })).map(([name, port]) => keyElement([['port', port], ['name', name]])),
);
const { set: anySet } = fc.letrec<{ set: FieldSet }>((tie) => ({
  set: fc.oneof({ maxDepth: 4, withCrossShrink: true }, fc.constant({}), fc.dictionary(fc.oneof(step, fc.constant('.')), tie('set'), { maxKeys: 4 })),
}));
const set = anySet.map((value): OptionalFieldSet => parseFieldSet(JSON.parse(JSON.stringify(value))));

describe('field set', () => {
  it('comes out of its own form as it went in', () => {
    fc.assert(fc.property(set, (one) => {
      const text = JSON.stringify(one && sortFieldSet(one));
      expect(JSON.stringify(text === undefined ? undefined : sortFieldSet(parseFieldSet(JSON.parse(text)) ?? {}))).toBe(text);
    }));
  });

  it('keeps the laws of sets', () => {
    fc.assert(fc.property(set, set, (a, b) => {
      const same = (x: OptionalFieldSet, y: OptionalFieldSet) => expect(describeFields(x)).toEqual(describeFields(y));
      same(union(a, b), union(b, a));
      same(intersection(a, b), intersection(b, a));
      same(union(difference(a, b), intersection(a, b)), a);
      same(intersection(difference(a, b), b), undefined);
      expect(equalFieldSets(union(a, a), a)).toBe(true);
      expect(difference(a, a)).toBeUndefined();
    }));
  });

  it('takes away a field with all that is below it', () => {
    const fields = parseFieldSet({ 'f:status': { '.': {}, 'f:phase': {} }, 'f:spec': { 'f:a': {} } });
    expect(differenceBelow(fields, fieldSetOf([['status']]))).toEqual({ 'f:spec': { 'f:a': {} } });
    expect(difference(fields, fieldSetOf([['status']]))).toEqual({ 'f:status': { 'f:phase': {} }, 'f:spec': { 'f:a': {} } });
  });

  it('lists the fields of a level before those below', () => {
    const fields = parseFieldSet({ 'f:b': { 'k:{"port":80,"name":"x"}': { '.': {}, 'f:q': {} }, 'v:"s"': {} }, 'f:a': {} });
    expect(describeFields(fields)).toEqual(['.a', '.b[name="x",port=80]', '.b[="s"]', '.b[name="x",port=80].q']);
  });

  it.each([
    ['no object', 'x'], ['a value that is no object', { 'f:a': 1 }], ['a step without a kind', { abc: {} }], ['broken keys', { 'k:{': {} }], ['keys that are a list', { 'k:[]': {} }],
    ['an index that is no number', { 'i:x': {} }],
  ])('refuses %s', (_what, value) => {
    expect(() => parseFieldSet(value)).toThrow();
  });

  it('drops steps of a notation it does not know', () => {
    expect(parseFieldSet({ 'z:new': {}, 'f:a': {} })).toEqual({ 'f:a': {} });
  });
});

describe('path element', () => {
  it.each([
    ['k:{"b": 1, "a":"x"}', 'k:{"a":"x","b":1}'], ['v: "a<b"', 'v:"a\\u003cb"'], ['i:07', 'i:7'], ['f:a b', 'f:a b'],
  ])('is canonical: %s', (text, canonical) => {
    expect(parsePathElement(text)).toBe(canonical);
  });

  it('is in the order of Kubernetes: fields, keys, values, indexes, numbers before strings and as numbers', () => {
    const ordered = ['f:B', 'f:a', 'k:{"a":2}', 'k:{"a":10}', 'k:{"a":"1"}', 'k:{"a":"1","b":1}', 'k:{"b":0}', 'v:1', 'v:"a"', 'v:true', 'i:0', 'i:3'];
    fc.assert(fc.property(fc.shuffledSubarray(ordered, { minLength: ordered.length }), (shuffled) => {
      expect(shuffled.toSorted((a, b) => compareRanks(rankOf(a), rankOf(b)))).toEqual(ordered);
    }));
  });
});
