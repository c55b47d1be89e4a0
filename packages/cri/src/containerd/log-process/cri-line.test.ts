import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CriLineEncoder, MAX_LINE_BYTES } from './cri-line.ts';

const TIME = '2026-01-02T03:04:05.678Z';

function encode(chunks: Buffer[]): Buffer {
  const encoder = new CriLineEncoder('stdout');
  return Buffer.concat([...chunks.flatMap((chunk) => encoder.feed(chunk, TIME)), ...encoder.flush(TIME)]);
}

/** The bytes that a reader of the log puts together again, F ending a line. */
function decode(log: Buffer): string {
  const lines = log.toString('latin1').split('\n').slice(0, -1);
  return lines.map((line) => line.slice(`${TIME} stdout F `.length) + (line[`${TIME} stdout `.length] === 'F' ? '\n' : '')).join('');
}

describe('CriLineEncoder', () => {
  it('writes time, stream, tag and the line', () => {
    expect(encode([Buffer.from('a\n\nb\n')]).toString()).toBe(`${TIME} stdout F a\n${TIME} stdout F \n${TIME} stdout F b\n`);
  });

  it('a line of exactly the limit is whole, one byte more is not', () => {
    const tags = (size: number) => encode([Buffer.from(`${'x'.repeat(size)}\n`)]).toString().split('\n').slice(0, -1).map((line) => line.split(' ')[2]);
    expect(tags(MAX_LINE_BYTES)).toEqual(['F']);
    expect(tags(MAX_LINE_BYTES + 1)).toEqual(['P', 'F']);
  });

  it('loses, adds and changes no byte, wherever the chunks are cut', () => {
    const piece = fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.constant(new Uint8Array(MAX_LINE_BYTES).fill(120)), fc.constant(new Uint8Array([10])));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const all = Buffer.concat(pieces).toString('latin1');
        const expected = all === '' || all.endsWith('\n') ? all : `${all}\n`;
        expect(decode(encode(pieces.map((bytes) => Buffer.from(bytes))))).toBe(expected);
      }),
    );
  });

  it('keeps no more than one part of a line that has no end', () => {
    const encoder = new CriLineEncoder('stdout');
    const chunk = Buffer.alloc(64 * 1024 - 1, 'x');
    const tags = Array.from({ length: 1_000 }, () => encoder.feed(chunk, TIME)).flat().filter((_, index) => index % 3 === 0);
    expect(new Set(tags.map(String))).toEqual(new Set([`${TIME} stdout P `]));
    expect((encoder.flush(TIME)[1] ?? chunk).length).toBeLessThanOrEqual(MAX_LINE_BYTES);
  });
});
