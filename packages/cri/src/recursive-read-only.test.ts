import { describe, expect, it } from 'vitest';
import { supportsRecursiveReadOnly } from './recursive-read-only.ts';

describe('supportsRecursiveReadOnly', () => {
  it.each([['4.19.0-27-amd64', false], ['5.11.22', false], ['5.12.0', true], ['6.1.0-28', true]])('%s: %s', (version, supported) => {
    expect(supportsRecursiveReadOnly(version)).toBe(supported);
  });
});
