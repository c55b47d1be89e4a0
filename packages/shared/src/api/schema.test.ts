import { describe, expect, it } from 'vitest';
import { ContainerSchema } from './container.ts';
import { PodSchema, PodSpecSchema } from './pod.ts';
import { asSchema } from './schema-node.ts';

const list = (name: string) => {
  const schema = asSchema(PodSpecSchema).properties?.[name] ?? asSchema(ContainerSchema).properties?.[name];
  return [schema?.['x-kubernetes-patch-merge-key'], schema?.['x-kubernetes-patch-strategy'], schema?.['x-kubernetes-list-map-keys']];
};

describe('schema', () => {
  it.each<[string, string | undefined, string | undefined, string[] | undefined]>([
    ['containers', 'name', 'merge', ['name']],
    ['volumes', 'name', 'merge,retainKeys', ['name']],
    ['ports', 'containerPort', 'merge', ['containerPort', 'protocol']],
    ['volumeMounts', 'mountPath', 'merge', ['mountPath']],
    ['topologySpreadConstraints', 'topologyKey', 'merge', ['topologyKey', 'whenUnsatisfiable']],
    ['tolerations', undefined, undefined, undefined],
    ['command', undefined, undefined, undefined],
  ])('merges the list %s as Kubernetes does', (name, ...keywords) => {
    expect(list(name)).toEqual(keywords);
  });

  it('says what is required, and is plain JSON', () => {
    expect(asSchema(PodSchema).required).toEqual(['metadata', 'spec']);
    expect(asSchema(ContainerSchema).required).toEqual(['name']);
    expect(JSON.stringify(PodSchema)).not.toContain('~');
  });
});
