import { asSchema, bodySchemas, modelsWithin } from '@podling/shared/scheme';
import type { SchemaNode } from '@podling/shared/scheme';
import { describe, expect, it } from 'vitest';
import { fieldNumbers } from './field-numbers.ts';
import { reachableModels } from './reachable-models.ts';

const entries = (model: string): string[] => (fieldNumbers[model] ?? '').split(' ').filter((entry) => entry !== '');

describe('protobuf field numbers', () => {
  it('are there for every property of every model: run tools/protobuf-fields.ts', () => {
    const missing = [...reachableModels()].flatMap(([model, properties]) => {
      const numbered = new Set(entries(model).map((entry) => entry.replace(/=.*/, '')));
      return [...properties].filter((property) => !numbered.has(property)).map((property) => `${model}.${property}`);
    });
    expect(missing).toEqual([]);
  });

  it('star the optional scalars of which the schemas keep a zero, and no others', () => {
    const isScalar = ({ type, format }: SchemaNode): boolean => type !== undefined && type !== 'object' && type !== 'array' && format !== 'date-time';
    const differing = [...modelsWithin(bodySchemas().map(asSchema))].flatMap(([model, { properties = {}, required = [] }]) => {
      const starred = new Set(entries(model).filter((entry) => entry.endsWith('*')).map((entry) => entry.replace(/=.*/, '')));
      const scalars = Object.entries(properties).filter(([name, schema]) => isScalar(schema) && !schema['x-podling-quantity'] && !required.includes(name));
      return scalars.filter(([name, schema]) => starred.has(name) !== (schema['x-podling-keep-empty'] === true)).map(([name]) => `${model}.${name}`);
    });
    expect(differing).toEqual([]);
  });

  it('tell the fields of a model apart', () => {
    for (const model of Object.keys(fieldNumbers)) {
      const numbers = entries(model).map((entry) => /=([\d.]+)\*?$/.exec(entry)?.[1]);
      expect(numbers, model).not.toContain(undefined);
      expect(new Set(numbers).size, model).toBe(numbers.length);
    }
  });
});
