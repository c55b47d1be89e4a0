import { describe, expect, it } from 'vitest';
import { formatMicroTime, formatTime, keyOf, namespaceOf, uidOf } from './meta.ts';

describe('meta', () => {
  it.each<[{ name: string; namespace?: string }, string]>([
    [{ name: 'web', namespace: 'default' }, 'default/web'],
    [{ name: 'node-1' }, 'node-1'],
  ])('the key of %j is %s', (metadata, key) => {
    expect(keyOf({ metadata })).toBe(key);
    expect(namespaceOf({ metadata })).toBe(metadata.namespace ?? '');
  });

  it('names the object that has no uid', () => {
    expect(uidOf({ metadata: { name: 'web', uid: 'u' } })).toBe('u');
    expect(() => uidOf({ metadata: { name: 'web' } })).toThrow('web');
  });

  it('writes times as Kubernetes does', () => {
    const at = new Date('2026-01-02T03:04:05.678Z');
    expect(formatTime(at)).toBe('2026-01-02T03:04:05Z');
    expect(formatMicroTime(at)).toBe('2026-01-02T03:04:05.678000Z');
  });
});
