import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { podKind } from '@podling/shared/scheme';
import { decodeProtobuf } from './decode-envelope.ts';
import { ProtobufError } from './wire-reader.ts';
import { envelope, field } from './testing/wire-writer.ts';

const meta = (name: string): Buffer => field(1, [field(1, name), field(2, ''), field(3, '')]);
const podWith = (...spec: Buffer[]): unknown => (decodeProtobuf(envelope('v1', 'Pod', meta('a'), field(2, spec))) as { spec?: unknown }).spec;
const quantity = (text: string): Buffer => field(1, text);
const entry = (key: string, value: string | Buffer): Buffer[] => [field(1, key), field(2, value)];

describe('a protobuf body', () => {
  it('names its kind in the envelope', () => {
    expect(decodeProtobuf(envelope('v1', 'Pod', meta('a')))).toEqual({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } });
  });

  it('has embedded structs inline', () => {
    expect(podWith(field(1, [field(1, 'v'), field(2, field(2, []))]))).toEqual({ volumes: [{ name: 'v', emptyDir: {} }] });
    const probe = field(2, [field(1, 'c'), field(10, [field(1, field(2, [field(1, '/'), field(2, [field(1, 1), field(2, 0), field(3, 'http')])])), field(2, 5)])]);
    expect(podWith(probe)).toEqual({ containers: [{ name: 'c', livenessProbe: { httpGet: { path: '/', port: 'http' }, initialDelaySeconds: 5 } }] });
  });

  it('keeps a zero only where absence means something else', () => {
    expect(podWith(field(4, 0), field(10, ''), field(11, 0))).toEqual({ terminationGracePeriodSeconds: 0 });
  });

  it('has quantities, maps, negative numbers and ports', () => {
    const container = field(2, [field(1, 'c'), field(8, [field(1, entry('cpu', quantity('500m'))), field(2, entry('memory', quantity('1Gi')))]), field(6, [field(3, 80), field(2, 0)])]);
    expect(podWith(field(25, -5), container)).toEqual({
      priority: -5, containers: [{ name: 'c', resources: { limits: { cpu: '500m' }, requests: { memory: '1Gi' } }, ports: [{ containerPort: 80 }] }],
    });
  });

  it('has times, and none for the zero time', () => {
    const sent = envelope('v1', 'Pod', field(1, [field(1, 'a'), field(8, []), field(9, [field(1, 1_700_000_000), field(2, 5)])]));
    expect(decodeProtobuf(sent)['metadata']).toEqual({ name: 'a', deletionTimestamp: '2023-11-14T22:13:20.000000Z' });
  });

  it('keeps a map key of __proto__ to itself', () => {
    const { metadata } = decodeProtobuf(envelope('v1', 'Pod', field(1, field(11, entry('__proto__', 'x'))))) as { metadata: { labels: object } };
    expect(Object.entries(metadata.labels)).toEqual([['__proto__', 'x']]);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it('passes over fields of a newer version', () => {
    expect(podWith(field(999, 'new'), field(10, 'node'))).toEqual({ nodeName: 'node' });
  });

  const deep = (levels: number): Buffer => (levels === 0 ? field(1, 'x') : field(13, deep(levels - 1)));
  it.each([
    ['no prefix', Buffer.from('abc'), 'provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]'],
    ['nothing', Buffer.alloc(0), 'provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]'],
    ['an unknown kind', envelope('v1', 'Widget'), 'no kind "Widget" is registered for version "v1"'],
    ['a length past the end', Buffer.concat([Buffer.from('k8s\0'), Buffer.from([0x12, 0x7f, 1])]), 'unexpected EOF'],
    ['a group', Buffer.concat([Buffer.from('k8s\0'), Buffer.from([0x0b])]), 'illegal wire type 3'],
    ['a varint without an end', Buffer.concat([Buffer.from('k8s\0'), Buffer.alloc(20, 0xff)]), 'integer overflow'],
    ['a string that is a number', envelope('v1', 'Pod', field(1, field(1, 5))), 'wrong wire type: a number where bytes are expected'],
    ['raw JSON 100,000 deep', envelope('v1', 'Pod', field(1, field(17, [field(1, 'm'), field(7, field(1, '['.repeat(100_000) + ']'.repeat(100_000)))]))), 'a field with raw JSON cannot be parsed'],
    ['an integer that JavaScript cannot hold', envelope('v1', 'Pod', field(2, field(4, 2n ** 53n + 1n))), 'number 9007199254740993 cannot be kept exactly'],
  ])('is refused for %s', (_what, bytes, message) => {
    expect(() => decodeProtobuf(bytes)).toThrow(new ProtobufError(message));
  });

  it('stays shallow', () => {
    expect(() => decodeProtobuf(envelope('v1', 'Pod', deep(5000)))).not.toThrow(RangeError);
  });

  it('is a value or a ProtobufError, whatever the bytes', () => {
    const valid = envelope('v1', 'Pod', meta('a'), field(2, [field(2, [field(1, 'c'), field(2, 'i')]), field(1, [field(1, 'v'), field(2, field(2, []))]), field(4, 30)]));
    const broken = fc.tuple(fc.nat(valid.length - 1), fc.nat(255)).map(([at, byte]) => Buffer.from(valid).fill(byte, at, at + 1));
    const tail = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.concat([Buffer.from('k8s\0'), field(1, [field(1, 'v1'), field(2, 'Pod')]), field(2, Buffer.from(bytes))]));
    fc.assert(fc.property(fc.oneof(broken, tail), (bytes) => {
      try {
        podKind.decode(decodeProtobuf(bytes));
      } catch (error) {
        if (!(error instanceof ProtobufError) && (error as Error).name !== 'ApiStatusError') throw error;
      }
    }), { numRuns: 2000 });
  });
});
