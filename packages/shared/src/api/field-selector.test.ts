import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newFieldMatcher, parseFieldSelector, type FieldRequirement } from './field-selector.ts';
import { SelectorError } from './selector-error.ts';

const fields = { 'metadata.name': 'web', 'spec.nodeName': 'node-1', 'status.phase': 'Running' };

describe('field selector', () => {
  it.each<[string, boolean]>([
    ['', true], ['metadata.name=web', true], ['metadata.name==web', true], ['metadata.name!=web', false], ['status.phase!=Pending', true],
    ['metadata.name=web,spec.nodeName=node-1', true], ['metadata.name=web,spec.nodeName=node-2', false], ['spec.other=', true],
    ['spec.other!=', false], [',metadata.name=web,', true], ['metadata.name=a\\,b', false],
  ])('%j matches: %s', (text, expected) => {
    expect(parseFieldSelector(text).matches(fields)).toBe(expected);
  });

  it('reads escaped commas, equals signs and backslashes', () => {
    expect(parseFieldSelector('a=x\\,y\\=z\\\\').requirements).toEqual([{ field: 'a', operator: '=', value: 'x,y=z\\' }]);
  });

  it.each(['metadata.name', 'a=b=c', 'a=b\\x', 'a=b\\', 'a', '!', 'a!b'])('refuses %j', (text) => {
    expect(() => parseFieldSelector(text)).toThrow(SelectorError);
  });

  it('parses its own text to the same requirements', () => {
    const requirement: fc.Arbitrary<FieldRequirement> = fc.record({
      field: fc.stringMatching(/^[a-z][a-zA-Z.]{0,20}$/),
      operator: fc.constantFrom<'=' | '!='>('=', '!='),
      value: fc.string(),
    });
    fc.assert(
      fc.property(fc.array(requirement), (requirements) => {
        expect(parseFieldSelector(newFieldMatcher(requirements).toString()).requirements).toEqual(requirements);
      }),
    );
  });

  it('answers any text with a matcher or a SelectorError', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          parseFieldSelector(text).matches(fields);
        } catch (error) {
          expect(error).toBeInstanceOf(SelectorError);
        }
      }),
    );
  });
});
