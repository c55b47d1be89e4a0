import { generatorVerb } from './generator.ts';

export const verb = generatorVerb({
  name: 'create namespace',
  make: (name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name }, spec: {}, status: {} }),
});
