import { asSchema, kinds, modelsWithin, wireModels } from '@podling/shared/scheme';
import { describe, expect, it } from 'vitest';
import { describeWith } from './descriptions.ts';
import { descriptions } from './descriptions/index.ts';
import { listModel } from './models.ts';

const models = modelsWithin([...kinds.flatMap((kind) => [asSchema(kind.schema), listModel(kind).schema]), ...wireModels.values()]);
const words = describeWith(descriptions);
const scalars = ['meta.v1.Time', 'meta.v1.MicroTime', 'api.resource.Quantity', 'util.intstr.IntOrString'];

describe('descriptions', () => {
  it('say what every model is', () => {
    expect([...models.keys(), ...scalars].filter((model) => !words.ofModel(model))).toEqual([]);
  });

  it('say what every field is', () => {
    const missing = [...models].flatMap(([model, { properties = {} }]) => (
      Object.keys(properties).filter((field) => !words.ofField(model, field)).map((field) => `${model}.${field}`)
    ));
    expect(missing).toEqual([]);
  });

  it('speak of nothing that is not there', () => {
    const told = descriptions.flatMap((table) => Object.entries(table)).filter(([model]) => models.has(model));
    const extra = told.flatMap(([model, fields]) => (
      Object.keys(fields).filter((field) => field !== '' && !models.get(model)?.properties?.[field]).map((field) => `${model}.${field}`)
    ));
    expect(extra).toEqual([]);
  });

  it('are short, and sentences', () => {
    const all = descriptions.flatMap((table) => Object.values(table)).flatMap((fields) => Object.values(fields));
    expect(all.length).toBeGreaterThan(700);
    expect(all.filter((text) => text.length > 260 || !text.endsWith('.'))).toEqual([]);
  });
});
