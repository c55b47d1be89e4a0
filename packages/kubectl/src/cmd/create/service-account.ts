import { generatorVerb } from './generator.ts';

export const verb = generatorVerb({
  name: 'create serviceaccount',
  failure: 'failed to create serviceaccount:',
  make: (name) => ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } }),
});
