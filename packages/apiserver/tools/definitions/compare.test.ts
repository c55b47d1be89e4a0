import { describe, expect, it } from 'vitest';
import { compareDefinitions } from './compare.ts';
import type { Definition } from './compare.ts';

const published: Definition = {
  type: 'object',
  required: ['name'],
  properties: {
    name: { type: ['string', 'null'] },
    count: { type: ['integer', 'null'], format: 'int32' },
    ports: { type: ['array', 'null'], items: { $ref: '#/$defs/Port' }, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['port'], 'x-kubernetes-patch-merge-key': 'port' },
    limits: { type: ['object', 'null'], additionalProperties: { $ref: '#/$defs/Quantity' } },
  },
};
const ours: Definition = {
  type: 'object',
  required: ['name'],
  properties: {
    name: { type: 'string' },
    count: { type: 'integer', format: 'int32' },
    ports: { type: 'array', items: { allOf: [{ $ref: '#/components/schemas/Port' }] }, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['port'], 'x-kubernetes-patch-merge-key': 'port' },
    limits: { type: 'object', additionalProperties: { $ref: '#/components/schemas/Quantity' } },
  },
};

function compare(change: Partial<Record<string, Definition>>, rest: Definition = {}): string[] {
  const properties = Object.fromEntries(Object.entries({ ...ours.properties, ...change }).flatMap(([field, schema]) => (schema ? [[field, schema]] : [])));
  return compareDefinitions(new Map([['A', { ...ours, ...rest, properties }]]), new Map([['A', published]]));
}

describe('compareDefinitions', () => {
  it('finds nothing where both say the same in their own way', () => {
    expect(compare({})).toEqual([]);
  });

  it('names a model that only we have', () => {
    expect(compareDefinitions(new Map([['B', ours]]), new Map())).toEqual(['B: not in theirs']);
  });

  it.each<[string, Partial<Record<string, Definition>>, string]>([
    ['a field we lack', { count: undefined }, 'A.count: not in ours'],
    ['a field of our own', { more: { type: 'string' } }, 'A.more: not in theirs'],
    ['a type', { name: { type: 'integer' } }, 'A.name type: ours "integer", theirs "string"'],
    ['a format', { count: { type: 'integer', format: 'int64' } }, 'A.count format: ours "int64", theirs "int32"'],
    ['what a map holds', { limits: { type: 'object', additionalProperties: { type: 'string' } } }, 'A.limits[] type: ours "string", theirs "Quantity"'],
  ])('names %s', (_what, change, line) => {
    expect(compare(change)).toEqual([line]);
  });

  it('names merge keys, list types and what a list holds', () => {
    expect(compare({ ports: { type: 'array', items: { type: 'string' } } })).toEqual([
      'A.ports x-kubernetes-list-type: ours none, theirs "map"',
      'A.ports x-kubernetes-list-map-keys: ours none, theirs ["port"]',
      'A.ports x-kubernetes-patch-merge-key: ours none, theirs "port"',
      'A.ports[] type: ours "string", theirs "Port"',
    ]);
  });

  it('names required fields, map types and unions', () => {
    expect(compare({}, { required: ['name', 'count'], 'x-kubernetes-map-type': 'atomic', 'x-kubernetes-unions': [{}] })).toEqual([
      'A x-kubernetes-map-type: ours "atomic", theirs none',
      'A x-kubernetes-unions: ours [{}], theirs none',
      'A.count required: ours true, theirs false',
    ]);
  });
});
