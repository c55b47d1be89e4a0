import { describe, expect, it } from 'vitest';
import { PodSchema } from './pod.ts';
import { modelsWithin } from './models-within.ts';
import { asSchema } from './schema-node.ts';
import { list, mapOf, model, string, struct } from './schema.ts';

describe('modelsWithin', () => {
  it('finds models in fields, lists and maps, each once', () => {
    const inner = model('t.Inner', {}, { a: string });
    const outer = model('t.Outer', {}, { field: inner, list: list(model('t.Item', {}, { again: inner })), map: mapOf(model('t.Value', {}, {})) });
    expect([...modelsWithin([asSchema(outer)]).keys()].toSorted()).toEqual(['t.Inner', 't.Item', 't.Outer', 't.Value']);
  });

  it('names every struct of a pod', () => {
    expect([...modelsWithin([asSchema(PodSchema)]).keys()]).toEqual(expect.arrayContaining(['core.v1.PodSpec', 'core.v1.SecretEnvSource', 'meta.v1.ObjectMeta']));
  });

  it('throws for a struct that is no model', () => {
    expect(() => modelsWithin([asSchema(model('t.Outer', {}, { nameless: struct({}, { a: string }) }))])).toThrow('the struct with the fields a is no model');
  });
});
