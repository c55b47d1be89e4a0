import type { EnvVar } from '@podling/shared/api';
import { describe, expect, it } from 'vitest';
import { podOf } from '../testing/runtime-objects.ts';
import { makeEnvironment } from './environment.ts';

const context = { podIPs: ['10.0.0.2'], hostIPs: ['192.168.0.1'], nodeAllocatable: { cpuMilli: 2000n, memoryBytes: 1_000_000n } };

function value(env: EnvVar[], name = env.at(-1)?.name): string | undefined {
  const pod = podOf([{ name: 'web', env, resources: { limits: { cpu: '1500m' }, requests: { memory: '64Mi' } } }]);
  pod.metadata.labels = { 'app.io/x': 'label' };
  const container = pod.spec.containers[0] ?? { name: '' };
  return makeEnvironment(pod, container, context).find((variable) => variable.name === name)?.value;
}

const field = (fieldPath: string): EnvVar[] => [{ name: 'V', valueFrom: { fieldRef: { fieldPath } } }];
const resource = (of: string, divisor?: string): EnvVar[] => [
  { name: 'V', valueFrom: { resourceFieldRef: { resource: of, ...(divisor === undefined ? {} : { divisor }) } } },
];

describe('makeEnvironment', () => {
  it('expands what was defined before, and only that', () => {
    expect(value([{ name: 'A', value: '1' }, { name: 'B', value: '$(A)$(C)' }, { name: 'C', value: '3' }], 'B')).toBe('1$(C)');
  });

  it.each([
    ['metadata.name', 'web'],
    ['metadata.namespace', 'default'],
    ['metadata.uid', 'pod-uid'],
    ["metadata.labels['app.io/x']", 'label'],
    ["metadata.annotations['none']", ''],
    ['spec.nodeName', 'n1'],
    ['status.podIP', '10.0.0.2'],
    ['status.hostIP', '192.168.0.1'],
  ])('resolves %s', (path, expected) => {
    expect(value(field(path))).toBe(expected);
  });

  it.each([
    ['limits.cpu', undefined, '2'],
    ['limits.cpu', '1m', '1500'],
    ['requests.memory', '1Mi', '64'],
    ['limits.memory', undefined, '1000000'],
    ['requests.cpu', undefined, '0'],
  ])('resolves %s with divisor %s', (name, divisor, expected) => {
    expect(value(resource(name, divisor))).toBe(expected);
  });

  it.each<[string, EnvVar]>([
    ['secret "s" not found', { name: 'V', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }],
    ['configmap "c" not found', { name: 'V', valueFrom: { configMapKeyRef: { name: 'c', key: 'k' } } }],
  ])('fails with %s', (message, variable) => {
    expect(() => value([variable])).toThrow(message);
  });

  it('leaves out an optional key that is not there', () => {
    expect(value([{ name: 'V', valueFrom: { secretKeyRef: { name: 's', key: 'k', optional: true } } }])).toBeUndefined();
  });
});
