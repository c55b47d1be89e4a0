import { describe, expect, it } from 'vitest';
import { encodeSwagger } from './swagger-protobuf.ts';

/** `[number, content]`, nested for what is told to be a message. */
const message = (...fields: [number, string | Buffer][]): Buffer =>
  Buffer.concat(fields.map(([number, content]) => {
    const bytes = Buffer.from(content);
    expect(number).toBeLessThan(16);
    expect(bytes.length).toBeLessThan(128);
    return Buffer.concat([Buffer.from([number * 8 + 2, bytes.length]), bytes]);
  }));

describe('an OpenAPI v2 document in protobuf', () => {
  it('has its schemas by name, with references, items and maps', () => {
    const definitions = {
      'a.B': { type: 'object', required: ['c'], properties: { c: { $ref: '#/definitions/a.C' }, d: { type: 'array', items: { type: 'string' } } } },
    };
    const ofC = message([1, 'c'], [2, message([1, '#/definitions/a.C'])]);
    const type = (name: string): Buffer => Buffer.concat([Buffer.from([0xb2, 0x01, name.length + 2]), message([1, name])]);
    const items = Buffer.concat([Buffer.from([0xba, 0x01, type('string').length + 2]), message([1, type('string')])]);
    const ofD = message([1, 'd'], [2, Buffer.concat([type('array'), items])]);
    const properties = message([1, ofC], [1, ofD]);
    const schema = Buffer.concat([type('object'), Buffer.from([0x9a, 0x01, 1]), Buffer.from('c'), Buffer.from([0xca, 0x01, properties.length]), properties]);
    expect(encodeSwagger({ swagger: '2.0', definitions }).toString('hex')).toBe(message([1, '2.0'], [9, message([1, message([1, 'a.B'], [2, schema])])]).toString('hex'));
  });

  it('keeps extensions as text, and parameters by where they are', () => {
    const get = { 'x-kubernetes-action': 'get', parameters: [{ name: 'q', in: 'query' }] };
    const parameter = message([1, message([2, message([3, message([4, 'q'], [2, 'query'])])])]);
    const extension = Buffer.concat([Buffer.from([0x6a, 31]), message([1, 'x-kubernetes-action'], [2, message([2, '"get"\n'])])]);
    const path = message([2, message([1, '/a'], [2, message([2, Buffer.concat([extension, message([8, parameter])])])])]);
    expect(encodeSwagger({ paths: { '/a': { get } } }).toString('hex')).toBe(message([8, path]).toString('hex'));
  });

  it('leaves out what v2 does not know', () => {
    expect(encodeSwagger({ unknown: 1, definitions: {} }).toString('hex')).toBe(message([9, '']).toString('hex'));
  });
});
