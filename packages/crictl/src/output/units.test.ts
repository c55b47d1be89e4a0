import { describe, expect, it } from 'vitest';
import { goMap, lines } from './lines.ts';
import { table } from './table.ts';
import { humanSize, humanSpan, rfc3339, shortId } from './units.ts';

describe('sizes and spans', () => {
  it.each([[0, '0B'], [999, '999B'], [701_354, '701.4kB'], [249_856, '249.9kB'], [2_133_395, '2.133MB'], [1e9, '1GB'], [1.5e24, '1.5YB']])('%d bytes are %s', (bytes, text) => {
    expect(humanSize(bytes)).toBe(text);
  });

  it.each([
    [900, 'Less than a second'], [1_900, '1 second'], [59_000, '59 seconds'], [61_000, 'About a minute'], [3_500_000, '58 minutes'], [3_700_000, 'About an hour'],
    [47 * 3_600_000, '47 hours'], [3 * 86_400_000, '3 days'], [20 * 86_400_000, '2 weeks'], [90 * 86_400_000, '3 months'], [800 * 86_400_000, '2 years'],
  ])('%d ms are %s', (ms, text) => {
    expect(humanSpan(ms)).toBe(text);
  });

  it('times keep their nanoseconds', () => {
    const [seconds, fraction] = rfc3339('1795364060368055666').split('.');
    expect([Date.parse(`${seconds}Z`) % 60_000, fraction?.slice(0, 9)]).toEqual([20_000, '368055666']);
  });

  it('ids are cut', () => {
    expect(shortId(`sha256:${'ab'.repeat(32)}`)).toBe('ababababababa');
  });
});

describe('tables and lines', () => {
  it('have columns of twenty, and as wide as what they hold', () => {
    expect(table([['A', 'B', 'C'], ['x'.repeat(18), 'y', 'z']])).toBe(`${'A'.padEnd(21)}${'B'.padEnd(20)}C\n${'x'.repeat(18)}   ${'y'.padEnd(20)}z\n`);
  });

  it('leave out what has no value', () => {
    expect(lines([['A', 'b'], ['C', undefined]])).toBe('A: b\n');
    expect(goMap({ b: '2', a: '1' })).toBe('map[a:1 b:2]');
  });
});
