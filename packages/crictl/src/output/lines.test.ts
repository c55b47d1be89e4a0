import { describe, expect, it } from 'vitest';
import { lines, mapLines } from './lines.ts';

describe('lines', () => {
  it('leave out what has no value, and stay one for each', () => {
    expect(lines([['ID', 'one'], ['Name', undefined], ['Status', 'Ready\nStatus: NotReady']])).toBe('ID: one\nStatus: Ready\\nStatus: NotReady\n');
    expect(mapLines('Labels', { b: 'x\nAnnotations:\n', a: '1' })).toBe('Labels:\n\ta -> 1\n\tb -> x\\nAnnotations:\\n\n');
  });
});
