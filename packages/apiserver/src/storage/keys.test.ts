import { describe, expect, it } from 'vitest';
import { objectKey, prefixEnd, resourcePrefix } from './keys.ts';

describe('keys', () => {
  it.each([
    [objectKey('pods', 'default', 'web'), '/registry/pods/default/web'],
    [objectKey('nodes', undefined, 'node-1'), '/registry/nodes/node-1'],
    [objectKey('nodes', '', 'node-1'), '/registry/nodes/node-1'],
    [resourcePrefix('pods'), '/registry/pods/'],
    [resourcePrefix('pods', 'default'), '/registry/pods/default/'],
    [prefixEnd('/registry/pods/'), '/registry/pods0'],
  ])('%s', (built, expected) => {
    expect(built).toBe(expected);
  });

  it.each(['', '.', '..', 'a/b', '../nodes', 'a\0b'])('refuse %j as a part', (part) => {
    expect(() => objectKey('pods', 'default', part)).toThrow('cannot be part of a key');
    if (part !== '') expect(() => resourcePrefix('pods', part)).toThrow('cannot be part of a key');
  });
});
