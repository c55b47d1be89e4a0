import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { canonicalJson, formatJson, formatYaml } from './object.ts';

const object = { kind: 'Pod', apiVersion: 'v1', metadata: { name: 'web', managedFields: [{ manager: 'x' }] }, spec: { b: ['1', 'yes'], a: '0644' } };

describe('formatYaml', () => {
  it('sorts keys, hides managedFields and quotes what would read back as something else', async () => {
    expect(await formatYaml(object)).toBe('apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  a: "0644"\n  b:\n  - "1"\n  - "yes"\n');
  });

  it('shows managedFields when asked', async () => {
    expect(parse(await formatYaml(object, { showManagedFields: true }))).toEqual(object);
  });
});

describe('formatJson', () => {
  it('prints four spaces and sorted keys', () => {
    expect(formatJson({ kind: 'Pod', apiVersion: 'v1' })).toBe('{\n    "apiVersion": "v1",\n    "kind": "Pod"\n}\n');
  });

  it('lets no control character through', () => {
    const text = formatJson({ message: 'a\u009b2J\u001b' });
    expect(text).toContain('a\\u009b2J\\u001b');
    expect(JSON.parse(text)).toEqual({ message: 'a\u009b2J\u001b' });
  });
});

describe('canonicalJson', () => {
  it('escapes what HTML gives a meaning, as upstream does', () => {
    expect(canonicalJson('a <b> && c')).toBe('"a \\u003cb\\u003e \\u0026\\u0026 c"');
  });

  it('is the same text for the same content', () => {
    expect(canonicalJson({ b: [{ d: 1, c: 2 }], a: undefined })).toBe('{"b":[{"c":2,"d":1}]}');
  });
});
