import { describe, expect, it } from 'vitest';
import { systemdSlice } from './systemd-slice.ts';

describe('the name of a slice', () => {
  it('has the names above it, apart from dashes of their own', () => {
    expect(systemdSlice(['kubepods'])).toBe('kubepods.slice');
    expect(systemdSlice(['kubepods', 'burstable', 'poda-b'])).toBe('kubepods-burstable-poda_b.slice');
  });
});
