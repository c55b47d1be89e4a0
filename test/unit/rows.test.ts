import { describe, expect, it } from 'vitest';
import { isReal, rowTests, stateOf } from '../rows.ts';

describe('rows', () => {
  it('finds row ids in titles of it, test and their modifiers', () => {
    const source = `it('[A7] hosts, [E1] volume', () => {});\n  test.each([1])("[M1] x %s", f);\ndescribe('none', f);`;
    expect(rowTests('f.test.ts', source).map((t) => t.row)).toEqual(['A7', 'E1', 'M1']);
  });

  it('counts only tests of the real stack as shown', () => {
    expect(isReal('packages/kubelet/src/x.test.ts')).toBe(false);
    expect(isReal('test/component/x.test.ts')).toBe(false);
    expect(isReal('packages/apiserver/src/storage/etcd3/x.integration.test.ts')).toBe(true);
    expect(isReal('test/e2e/x.test.ts')).toBe(true);
  });

  it('says what is shown, shown in part, and open', () => {
    const real = { row: '', file: 'test/e2e/x.test.ts', title: '' };
    expect(stateOf('A6', [real])).toBe('shown');
    expect(stateOf('M5', [real])).toBe('part');
    expect(stateOf('A6', [{ ...real, file: 'test/component/x.test.ts' }])).toBe('open');
  });
});
