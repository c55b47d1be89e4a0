import { describe, expect, it } from 'vitest';
import { find, findAll } from './evaluate.ts';
import { parsePath, parseTemplate } from './parse.ts';

const value = {
  kind: 'List',
  items: [
    { name: 'a', size: 3, tags: ['x', 'y'], labels: { 'app.io/name': 'one' } },
    { name: 'b', size: 10, tags: [], nested: { name: 'inner' } },
  ],
};
const all = (template: string) => findAll(parseTemplate(template), value, { allowMissingKeys: true });

describe('a JSONPath template', () => {
  it.each<[string, unknown[]]>([
    ['{.kind}', ['List']],
    ['{$.kind}', ['List']],
    ['{.items[*].name}', ['a', 'b']],
    ['{.items.*.name}', ['a', 'b']],
    ['{.items[0].tags[1]}', ['y']],
    ['{.items[-1].name}', ['b']],
    ['{.items[-1:].name}', ['b']],
    ['{.items[0:2].size}', [3, 10]],
    ['{.items[::2].name}', ['a']],
    ["{.items[*]['name','size']}", ['a', 'b', 3, 10]],
    ["{.items[0].labels['app\\.io/name']}", ['one']],
    ['{.items[0].labels.app\\.io/name}', ['one']],
    ['{..name}', ['a', 'b', 'inner']],
    ['{.items[?(@.name=="b")].size}', [10]],
    ["{.items[?(@.name!='b')].size}", [3]],
    ['{.items[?(@.size>3)].name}', ['b']],
    ['{.items[?(@.nested)].name}', ['b']],
    ['{.items[?(@.name==")")].name}', []],
    ['{.nope.deeper}', []],
    ['of {.kind}{"\\t"}{3}{true}', ['of ', 'List', '\t', 3, true]],
    ['{range .items[*]}{.name}={.size};{end}!', ['a', '=', 3, ';', 'b', '=', 10, ';', '!']],
    ['{range .items[*]}{range .tags[*]}{@}{end}{end}', ['x', 'y']],
  ])('%s finds %j', (template, found) => {
    expect(all(template)).toEqual(found);
  });

  it.each([
    ['{.kind', 'unclosed action'],
    ['{.items[0}', 'unterminated array'],
    ['{.items[x]}', 'invalid array index x'],
    ['{.items[?(@.a}', 'unterminated filter'],
    ['{.items[?(@.a)}', 'unclosed array expect ]'],
    ['{"open}', 'unterminated quoted string'],
    ['{end}', 'not in range, nothing to end'],
    ['{range .items[*]}{.name}', 'range without end'],
    ['{foo}', 'unrecognized identifier foo'],
    ['{.items..  ..}', 'invalid multiple recursive descent'],
    ['{range @}'.repeat(100), 'nested more than 32 deep'],
  ])('%s is refused: %s', (template, message) => {
    expect(() => parseTemplate(template)).toThrow(message);
  });

  it.each([
    ['{.items[7]}', 'array index out of bounds: index 7, length 2'],
    ['{.kind[0]}', 'string is not array or slice'],
    ['{.items[2:1]}', 'array index out of bounds: index 2, length 2'],
    ['{.items[1:0]}', 'starting index 1 is greater than ending index 0'],
    ['{.kind[?(@.a)]}', 'cannot be filtered'],
    ['{.items[?(@.tags[*]=="x")]}', 'can only compare one element at a time'],
    ['{.items[?(@.name>3)]}', 'incompatible types for comparison'],
  ])('%s does not fit the value: %s', (template, message) => {
    expect(() => all(template)).toThrow(message);
  });

  it('reads long and hostile text in no time and without an end to the process', () => {
    for (const text of [`{${'['.repeat(50_000)}`, `{${'.a'.repeat(50_000)}}`, `{.items[?(${'"'.repeat(20_001)})]}`, '{'.repeat(50_000)]) {
      try {
        all(text);
      } catch (error) {
        expect((error as Error).name).toBe('JsonPathError');
      }
    }
  });
});

describe('a path of a flag', () => {
  it.each(['{.items[0].name}', '.items[0].name', 'items[0].name', '{items[0].name}'])('%s means the same', (text) => {
    expect(find(parsePath(text), [value], { allowMissingKeys: false })).toEqual(['a']);
  });

  it('misses a field when told to', () => {
    expect(() => find(parsePath('.kind.nope'), [value], { allowMissingKeys: false })).toThrow('nope is not found');
  });

  it('holds no text', () => {
    expect(() => parsePath('{.a}{.b}')).toThrow('unexpected path string');
  });
});
