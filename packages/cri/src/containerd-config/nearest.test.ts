import { describe, expect, it } from 'vitest';
import { nearest } from './nearest.ts';

describe('nearest name', () => {
  it.each([
    ['sandbox_imag', 'sandbox_image'],
    ['sandboximage', 'sandbox_image'],
    ['SANDBOX_IMAGE', 'sandbox_image'],
    ['stae', 'state'],
    ['ui', 'uid'],
    ['nothing_like_it', undefined],
    ['', undefined],
  ])('to %j is %j', (name, expected) => {
    expect(nearest(name, ['root', 'state', 'uid', 'sandbox_image'])).toBe(expected);
  });

  it('is none among none', () => {
    expect(nearest('root', [])).toBeUndefined();
  });
});
