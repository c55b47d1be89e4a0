import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attachFrame, AttachFrameReader } from './attach-frames.ts';

describe('attach frames', () => {
  const frames = fc.array(fc.record({ stream: fc.constantFrom('stdout' as const, 'stderr' as const), data: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) }), { maxLength: 8 });

  it('come out as they went in, wherever the bytes are cut', () => {
    fc.assert(fc.property(frames, fc.array(fc.nat()), (sent, cuts) => {
      const whole = Buffer.concat(sent.map(({ stream, data }) => attachFrame(stream, data)));
      const ends = [...cuts.map((cut) => cut % (whole.length + 1)).toSorted((one, other) => one - other), whole.length];
      const reader = new AttachFrameReader();
      expect(ends.flatMap((end, index) => reader.push(whole.subarray(ends[index - 1] ?? 0, end)))).toEqual(sent);
    }));
  });

  it('that are none are refused', () => {
    for (const head of [[3, 0, 0, 0, 1], [1, 0xff, 0, 0, 0]]) expect(() => new AttachFrameReader().push(Buffer.from(head))).toThrow('nonsense');
  });
});
