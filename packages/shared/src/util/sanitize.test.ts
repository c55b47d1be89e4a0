import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sanitize, sanitizeCell, sanitizeLog } from './sanitize.ts';

describe('sanitize', () => {
  it('makes control characters visible and leaves lines and tabs', () => {
    expect(sanitize('a\u001b]0;title\u0007\tb\nc\r\u009b2J\u007f')).toBe('a^[]0;title^G\tb\nc^M\\x9b2J^?');
  });

  it('lets nothing through that a terminal obeys', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        // oxlint-disable-next-line no-control-regex
        expect(sanitize(text)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
      }),
    );
  });
});

describe('sanitizeLog', () => {
  it('keeps colours and carriage returns, and stops all else', () => {
    expect(sanitizeLog('\u001b[1;31mred\u001b[0m\r\u001b[2J\u001b]0;x\u0007')).toBe('\u001b[1;31mred\u001b[0m\r^[[2J^[]0;x^G');
  });
});

describe('sanitizeCell', () => {
  it('cuts at the first line break', () => {
    expect(sanitizeCell('one\ntwo')).toBe('one...');
    expect(sanitizeCell('a\tb')).toBe('a b');
  });
});
