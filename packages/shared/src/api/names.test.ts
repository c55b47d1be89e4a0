import { describe, expect, it } from 'vitest';
import {
  isConfigMapKey, isDNS1123Label, isDNS1123Subdomain, isEnvVarName, isLabelValue, isQualifiedName, isValidPortName, isValidPortNumber, type NameCheck,
} from './names.ts';

const cases: [string, NameCheck, good: string[], bad: string[]][] = [
  ['DNS label', isDNS1123Label, ['a', 'a-b', '1', 'a'.repeat(63)], ['', 'A', '-a', 'a-', 'a.b', 'a_b', 'a'.repeat(64), 'ä', 'a\n']],
  ['DNS subdomain', isDNS1123Subdomain, ['a', 'a.b-c.1', 'a'.repeat(253)], ['', 'a..b', '.a', 'a.', 'A', 'a'.repeat(254), 'a\n']],
  ['qualified name', isQualifiedName, ['a', 'A_b.c', 'example.com/a', 'a'.repeat(63)], ['', '/a', 'a/', 'a/b/c', '-a', 'X/a', 'a'.repeat(64), '__proto__']],
  ['label value', isLabelValue, ['', 'a', 'A.b_c-1'], ['-', 'a b', 'a'.repeat(64), 'a/b', '\n']],
  ['variable name', isEnvVarName, ['A', '1a', 'a.b-c', 'a b'], ['', 'a=b', 'ä', 'a\n']],
  ['config key', isConfigMapKey, ['a', 'A_b.c-1'], ['', '.', '..', '..a', 'a/b', 'a'.repeat(254)]],
  ['port name', isValidPortName, ['http', 'a1', 'a-b'], ['', '80', 'HTTP', 'a--b', '-a', 'a-', 'a'.repeat(16)]],
];

describe.each(cases)('%s', (_name, reasonsOf, good, bad) => {
  it.each(good)('takes %.20j', (value) => {
    expect(reasonsOf(value)).toEqual([]);
  });
  it.each(bad)('refuses %.20j', (value) => {
    expect(reasonsOf(value)).not.toEqual([]);
  });
});

describe('name checks', () => {
  it('explain themselves in the words of Kubernetes', () => {
    expect(isDNS1123Label('A_b')).toEqual([
      "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
    ]);
    expect(isDNS1123Label('a.b')).toEqual(['must not contain dots']);
  });

  it.each([[1, true], [65_535, true], [0, false], [-1, false], [65_536, false]])('port number %i is fine: %s', (port, fine) => {
    expect(isValidPortNumber(port).length === 0).toBe(fine);
  });
});
