import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFromStore, encodeForStore } from './codec.ts';
import { pod } from './contract/fixture.ts';
import type { TestPod } from './contract/fixture.ts';
import { isStorageError } from './errors.ts';

describe('codec', () => {
  it('takes the resourceVersion out of what is stored and puts the revision into what is read', () => {
    const object = pod('web', { replicas: 1 });
    object.metadata.resourceVersion = '7';
    const bytes = encodeForStore('k', object);
    expect(bytes.toString()).not.toContain('resourceVersion');
    expect(object.metadata.resourceVersion).toBe('7');
    expect(decodeFromStore('k', bytes, '9')).toEqual({ ...object, metadata: { ...object.metadata, resourceVersion: '9' } });
  });

  it('brings every JSON value back, and the same bytes from what it brought back', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => {
      const bytes = encodeForStore('k', { ...pod('web'), spec: JSON.parse(JSON.stringify({ value })) } as TestPod);
      expect(encodeForStore('k', decodeFromStore('k', bytes, '5')).equals(bytes)).toBe(true);
    }));
  });

  it.each(['', 'nonsense', '[]', 'null', '{}', '"text"'])('fails with InvalidObject on the bytes %j', (text) => {
    expect(() => decodeFromStore('k', Buffer.from(text), '1')).toThrow(expect.toSatisfy((error) => isStorageError(error, 'InvalidObject')));
  });
});
