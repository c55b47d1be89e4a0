import { describe, expect, it } from 'vitest';
import { errorText } from './error-text.ts';

describe('errorText', () => {
  it.each([
    ['connection refused', 'connection refused'],
    [
      'CriError: version: No connection established. Last error: connect ENOENT /run/c.sock (2026-01-02T03:04:05.678Z). Resolution note: ',
      'version: No connection established. Last error: connect ENOENT /run/c.sock',
    ],
    ['the first line\nthe second', 'the first line'],
  ])('makes of %j one line that stays the same', (message, expected) => {
    expect(errorText(new Error(message))).toBe(expected);
  });
});
