import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { parsePlainYaml } from './plain-yaml.ts';

const kubeconfig = `apiVersion: v1
# made by hand
clusters:
- cluster:
    certificate-authority-data: LS0tLS1CRUdJTg==
    server: https://172.30.41.1:6443
  name: k
contexts:
  - name: "kubernetes-admin@k"
    context:
      cluster: k
      user: kubernetes-admin
current-context: kubernetes-admin@k
kind: Config
preferences: {}
users:
- name: kubernetes-admin
  user:
    client-certificate: /etc/podling/admin.crt
    insecure: true
- name: nobody
  user:
empty: []
`;

describe('parsePlainYaml', () => {
  it('reads kubeconfigs as the whole parser does', () => {
    expect(parsePlainYaml(kubeconfig)).toEqual(parse(kubeconfig));
  });

  it.each([
    'a: yes', 'a: 12', 'a: 0x1', 'a: 1e3', 'a: .5', 'a: ~', 'a: null', 'a: text with spaces', "a: 'quoted'", 'a: "esc\\n"', 'a: |\n  block', 'a: &x b', 'a: *x', 'a: b # c',
    'a: {b: c}', 'a: [b]', 'a: b\na: c', '- a: b', ' a: b', 'a: b\n c: d', 'a:\n  b: c\n d: e', 'a:\n- b: c\n d: e', '---\na: b', 'a: b: c', 'a: b:', 'a:\tb', 'a\n', '', 'text', 'a: !t b', 'a: "b" c',
    'a: b\n- c: d', 'a:\n- - b: c', 'a:\n  - b\n', 'y: b', '? a\n: b', 'a: 2024-01-01', 'a:\n  b: c\n\td: e', 'a: https://x:', 'a: @b', 'a: %b', 'a: é',
  ])('leaves %j to it', (text) => {
    expect(parsePlainYaml(text)).toBeUndefined();
  });

  it('reads nothing that the whole parser reads differently', () => {
    const word = fc.oneof(fc.constantFrom('a', 'name', 'b-c', 'true', 'null', 'Y', '1', '-', 'x:y', 'http://h:1', '"q"', '"q: #"', "'s'", '{}', '[]', 'a b', '#c', '|', ''), fc.string({ maxLength: 6 }));
    const line = fc.tuple(fc.nat(4), fc.constantFrom('', '- ', '-  ', '- - '), word, fc.constantFrom(':', ': ', ':  ', ''), word).map(([indent, ...parts]) => ' '.repeat(indent) + parts.join(''));
    fc.assert(fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
      const text = lines.join('\n');
      const plain = parsePlainYaml(text);
      if (plain !== undefined) expect(plain).toEqual(parse(text));
    }), { numRuns: 2000 });
  });

  it('reads whatever is written in its form', () => {
    const value = fc.constantFrom('k', 'https://a:1', 'a@b', 'LS0==', true, false);
    const fields = fc.dictionary(fc.constantFrom('name', 'user', 'cluster', 'a-b'), value, { minKeys: 1 });
    const entry = fc.record({ name: value, cluster: fields });
    fc.assert(fc.property(fc.record({ clusters: fc.array(entry), users: fc.array(entry), kind: value }), fc.boolean(), (document, indentSeq) => {
      expect(parsePlainYaml(stringify(document, { indentSeq, lineWidth: 0 }))).toEqual(document);
    }));
  });
});
