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

  it('tell the fields of a model apart', () => {
    for (const model of Object.keys(fieldNumbers)) {
      const numbers = entries(model).map((entry) => /=([\d.]+)\*?$/.exec(entry)?.[1]);
      expect(numbers, model).not.toContain(undefined);
      expect(new Set(numbers).size, model).toBe(numbers.length);
    }
  });
});
