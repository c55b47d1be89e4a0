import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newLabelMatcher, parseLabelSelector, type LabelOperator, type LabelRequirement } from './label-selector.ts';
import { SelectorError } from './selector-error.ts';

const labels = { app: 'web', tier: 'front', 'example.com/size': '10', empty: '' };

describe('label selector', () => {
  it.each([
    ['', true], ['app=web', true], ['app==web', true], ['app = web', true], ['app=db', false], ['app!=db', true], ['app!=web', false],
    ['other!=x', true], ['other=x', false], ['app in (web, db)', true], ['app in (db)', false], ['app notin (db)', true],
    ['other notin (db)', true], ['app', true], ['!app', false], ['! other', true], ['app,tier=front', true], ['app,tier=back', false],
    ['example.com/size>9', true], ['example.com/size<9', false], ['app>1', false], ['empty=', true], ['empty in (,x)', true], ['empty in ()', true],
    ['empty!=', false], ['in', false], ['notin notin (a)', true], ['toString', false], ['constructor!=x', true],
  ])('%j matches: %s', (text, expected) => {
    expect(parseLabelSelector(text).matches(labels)).toBe(expected);
  });

  it('matches an object without labels only where absence is asked for', () => {
    expect(parseLabelSelector('!app,x!=y').matches(undefined)).toBe(true);
    expect(parseLabelSelector('app').matches(undefined)).toBe(false);
  });

  it.each([
    ',', 'a,', ',a', 'a b', 'a=b c', 'a in', 'a in b', 'a in (', 'a in (b', 'a in (b c)', '!', '!a=b', 'a>b', 'a>', 'a=b,,c', '=b', '(a)', 'a=-x',
    '-a=b', 'a/b/c=d', `a=${'x'.repeat(64)}`, 'a===b', '__proto__',
  ])('refuses %j', (text) => {
    expect(() => parseLabelSelector(text)).toThrow(SelectorError);
  });

  const word = fc.stringMatching(/^[a-z]([a-z0-9]{0,8}[a-z])?$/);
  const requirement: fc.Arbitrary<LabelRequirement> = fc
    .tuple(word, fc.constantFrom<LabelOperator>('In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt'), fc.uniqueArray(word, { minLength: 1, maxLength: 3 }), fc.integer())
    .map(([key, operator, values, bound]) => {
      if (operator === 'In' || operator === 'NotIn') return { key, operator, values };
      return { key, operator, values: operator === 'Gt' || operator === 'Lt' ? [String(Math.abs(bound))] : [] };
    });

  it('parses its own text to a selector that matches the same labels', () => {
    fc.assert(
      fc.property(fc.array(requirement, { maxLength: 4 }), fc.dictionary(word, word), (requirements, given) => {
        const matcher = newLabelMatcher(requirements);
        expect(parseLabelSelector(matcher.toString()).matches(given)).toBe(matcher.matches(given));
      }),
    );
  });

  it('answers any text with a matcher or a SelectorError', () => {
    const text = fc.oneof(fc.string(), fc.array(fc.constantFrom('a', 'in', 'notin', '=', '!', '==', '!=', '(', ')', ',', ' ', '>', '1')).map((parts) => parts.join('')));
    fc.assert(
      fc.property(text, (given) => {
        try {
          parseLabelSelector(given).matches(labels);
        } catch (error) {
          expect(error).toBeInstanceOf(SelectorError);
        }
      }),
    );
  });
});
