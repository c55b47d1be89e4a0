import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '@podling/shared/api';
import { encodeForStore } from './codec.ts';
import { isStorageError } from './errors.ts';
import { StoredObject } from './stored-object.ts';

const fromText = (text: string, revision = '7'): StoredObject => StoredObject.fromStore('/k', Buffer.from(text), revision);
const parsed = (stored: StoredObject): unknown => JSON.parse(stored.json.toString('utf8'));

describe('StoredObject', () => {
  it.each([
    ['fields', '{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a"},"spec":{}}'],
    ['empty metadata', '{"kind":"Pod","apiVersion":"v1","metadata":{},"spec":{}}'],
    ['metadata in a template', '{"spec":{"template":{"metadata":{}}},"kind":"X","apiVersion":"v1","metadata":{"name":"a"}}'],
    ['another order', '{"apiVersion":"v1","metadata":{"name":"a"},"kind":"Pod"}'],
    ['a resourceVersion of a stranger', '{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a","resourceVersion":"3"}}'],
    ['a resourceVersion elsewhere', '{"kind":"Event","apiVersion":"v1","metadata":{"name":"a"},"involvedObject":{"resourceVersion":"3"}}'],
    ['a kind with a quote', '{"kind":"a\\"b","apiVersion":"v1","metadata":{"name":"a"}}'],
  ])('puts the revision into bytes with %s', (_title, text) => {
    const expected = JSON.parse(text) as KubeObject;
    expected.metadata.resourceVersion = '7';
    const stored = fromText(text);
    expect(parsed(stored)).toEqual(expected);
    expect(stored.object).toEqual(expected);
    expect(stored.json.toString('utf8').split('"resourceVersion":"7"')).toHaveLength(2);
  });

  it('changes the revision of what it made, whatever the object', () => {
    const texts = fc.record({ name: fc.string(), note: fc.string({ unit: 'grapheme' }), value: fc.jsonValue() });
    fc.assert(fc.property(texts, fc.bigInt({ min: 1n, max: 9n ** 19n }), ({ name, note, value }, revision) => {
      const object = { kind: 'K', apiVersion: 'v1', metadata: { name, annotations: { note } }, spec: value } as KubeObject;
      const moved = StoredObject.fromStore('/k', encodeForStore('/k', object), '12').at(String(revision));
      const expected = JSON.parse(JSON.stringify({ ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } })) as unknown;
      expect(parsed(moved)).toEqual(expected);
      expect([moved.revision, moved.key]).toEqual([String(revision), '/k']);
    }));
  });

  it('decodes once for all, and a copy for each who wants to change it', () => {
    const stored = fromText('{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a"}}');
    const { object } = stored;
    expect(stored.object).toBe(object);
    expect(stored.copy()).not.toBe(object);
    stored.forget();
    expect(stored.object).toEqual(object);
  });

  it.each([['not JSON'], ['[]'], ['{"kind":"x"}'], ['null']])('refuses %s with InvalidObject', (text) => {
    expect(() => fromText(text)).toThrow(expect.toSatisfy((error: unknown) => isStorageError(error, 'InvalidObject')));
  });
});
