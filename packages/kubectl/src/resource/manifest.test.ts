import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseManifest } from './manifest.ts';

const pod = (name: string) => `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\n`;
const names = (text: string) => parseManifest(text, 'a.yaml').documents.map((d) => d.object.metadata.name);
const problems = (text: string) => parseManifest(text, 'a.yaml').errors.map((e) => e.message);
const spec = (text: string): unknown => parseManifest(`${pod('a')}spec: ${text}\n`, 'a.yaml').documents[0]?.object['spec'];

describe('parseManifest', () => {
  it('reads several documents and skips empty ones', () => {
    expect(names(`${pod('a')}---\n---\n# only a comment\n---\n${pod('b')}`)).toEqual(['a', 'b']);
  });

  it('reads JSON', () => {
    expect(names('{"apiVersion":"v1","kind":"Pod","metadata":{"name":"j"}}')).toEqual(['j']);
  });

  it('takes a List apart', () => {
    expect(names(`apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: a}}\n- {apiVersion: v1, kind: Pod, metadata: {name: b}}\n`)).toEqual(['a', 'b']);
  });

  it('tells file, line and column of a syntax error and keeps the other documents', () => {
    const text = `${pod('a')}---\nkind: Pod\nspec: x: y\n---\n${pod('b')}`;
    expect(names(text)).toEqual(['a', 'b']);
    expect(problems(text)).toEqual([expect.stringMatching(/^error parsing a\.yaml: line 6, column 7: Nested mappings are not allowed/)]);
  });

  it.each([
    ['a tab as indentation', 'a:\n\tb: 1', /line 2, column 1/],
    ['a key given twice', `${pod('a')}kind: Pod\n`, /line 4, column 1: Map keys must be unique/],
    ['an open bracket', 'a: [1, 2', /line 1, column 9/],
    ['broken JSON', '{"a": }x', /line 1, column 8/],
  ])('places %s', (_what, text, message) => {
    expect(problems(text)[0]).toMatch(message);
  });

  it.each([
    ['kind: Pod\nmetadata: {name: a}', 'apiVersion not set'],
    ['apiVersion: v1\nmetadata: {name: a}', 'kind not set'],
    ['apiVersion: v1\nkind: Pod', 'metadata not set'],
    ['apiVersion: v1\nkind: Pod\nmetadata: {}', 'metadata.name not set'],
    ['apiVersion: v1\nkind: Pod\nmetadata: {name: 12}', 'metadata.name is not a string: put it in quotes'],
    ['apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: y}', 'metadata.namespace is not a string: put it in quotes'],
    ['just words', 'it is not an object'],
    ['- a\n- b', 'it is not an object'],
  ])('explains %j', (text, message) => {
    expect(problems(`# a comment\n${text}`)[0]).toContain(`error parsing a.yaml: document at line 2: ${message}`);
  });

  it('reads values as Kubernetes does', () => {
    expect(spec('{mode: 0644, octal: 0o17, yes: yes, time: 2024-01-01T00:00:00Z, clock: 1:30, quantity: 500m, text: "0644"}')).toEqual({
      mode: 420,
      octal: 15,
      true: true,
      time: '2024-01-01T00:00:00Z',
      clock: '1:30',
      quantity: '500m',
      text: '0644',
    });
  });

  it('refuses a document that grows without bound', () => {
    const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]', ...['b', 'c', 'd', 'e', 'f', 'g', 'h'].map((key, i) => `${key}: &${key} [${Array(9).fill(`*${'abcdefgh'[i]}`).join(',')}]`)];
    expect(problems(bomb.join('\n'))[0]).toMatch(/Excessive alias count/);
  });

  it('answers any text with documents or errors, never with a crash', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.string({ unit: fc.constantFrom(...'ab:-{}[]&*!|>\n\t "\'#%,?'.split('')) })), (text) => {
        const { documents, errors } = parseManifest(text, 'f');
        expect(documents.every((d) => typeof d.object.kind === 'string')).toBe(true);
        expect(errors.every((e) => e.message.startsWith('error parsing f: '))).toBe(true);
      }),
    );
  });
});
