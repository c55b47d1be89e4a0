import type { ConfigMap, Container, EnvVar, Secret } from '@podling/shared/api';
import { describe, expect, it } from 'vitest';
import { podOf } from '../testing/runtime-objects.ts';
import type { EnvironmentSources } from './environment-sources.ts';
import { makeEnvironment } from './environment.ts';

const context = { podIPs: ['10.0.0.2'], hostIPs: ['192.168.0.1'], nodeAllocatable: { cpuMilli: 2000n, memoryBytes: 1_000_000n, ephemeralStorageBytes: 5n } };
const metadata = { name: 'o', namespace: 'default' };
const configMap: ConfigMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { k: 'text', 'odd.name': '1' } };
const long: ConfigMap = { ...configMap, data: { text: 'x'.repeat(10_000) } };
const secret: Secret = { apiVersion: 'v1', kind: 'Secret', metadata, data: { k: 'c2VjcmV0' } };
const sources: EnvironmentSources = { configMaps: new Map([['o', configMap], ['long', long]]), secrets: new Map([['o', secret]]), serviceVariables: new Map() };


function value(env: EnvVar[], name = env.at(-1)?.name): string | undefined {
  const pod = podOf([{ name: 'web', env, resources: { limits: { cpu: '1500m' }, requests: { memory: '64Mi' } } }]);
  pod.metadata.labels = { 'app.io/x': 'label' };
  const container = pod.spec.containers[0] ?? { name: '' };
  return makeEnvironment(pod, container, sources, context).find((variable) => variable.name === name)?.value;
}

const field = (fieldPath: string): EnvVar[] => [{ name: 'V', valueFrom: { fieldRef: { fieldPath } } }];
const resource = (of: string, divisor?: string): EnvVar[] => [
  { name: 'V', valueFrom: { resourceFieldRef: { resource: of, ...(divisor === undefined ? {} : { divisor }) } } },
];

describe('makeEnvironment', () => {
  it.each<[string, EnvVar[]]>([
    ['double with each line', Array.from({ length: 40 }, (_, index) => ({ name: `V${index}`, value: index === 0 ? 'x'.repeat(1000) : `$(V${index - 1})$(V${index - 1})` }))],
    ['are one long value many times', [{ name: 'A', value: 'x'.repeat(1_000_000) }, ...Array.from({ length: 40 }, (_, index) => ({ name: `V${index}`, value: '$(A)' }))]],
    ['name it many times in one line', [{ name: 'A', value: 'x'.repeat(1_000_000) }, { name: 'B', value: '$(A)'.repeat(100_000) }]],
    ['read it many times', Array.from({ length: 4000 }, (_, index) => ({ name: `V${index}`, valueFrom: { configMapKeyRef: { name: 'long', key: 'text' } } }))],
  ])('refuses values that %s', (_, env) => {
    expect(() => value(env)).toThrow('argument list too long');
  });

  it('refuses whole objects that come again and again', () => {
    const envFrom = Array.from({ length: 4000 }, (_, index) => ({ prefix: `P${index}_`, configMapRef: { name: 'long' } }));
    expect(() => makeEnvironment(podOf([{ name: 'web' }]), { name: 'web', envFrom }, sources, context)).toThrow('argument list too long');
  });

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

  it.each<[string, EnvVar['valueFrom']]>([
    ['secret "s" not found', { secretKeyRef: { name: 's', key: 'k' } }],
    ['configmap "c" not found', { configMapKeyRef: { name: 'c', key: 'k' } }],
    ["couldn't find key none in ConfigMap default/o", { configMapKeyRef: { name: 'o', key: 'none' } }],
    ["couldn't find key none in Secret default/o", { secretKeyRef: { name: 'o', key: 'none' } }],
    ["couldn't find key constructor in ConfigMap default/o", { configMapKeyRef: { name: 'o', key: 'constructor' } }],
    ["couldn't find key toString in Secret default/o", { secretKeyRef: { name: 'o', key: 'toString' } }],
    ['unsupported fieldPath: constructor', { fieldRef: { fieldPath: 'constructor' } }],
  ])('fails with %s', (message, valueFrom = {}) => {
    expect(() => value([{ name: 'V', valueFrom }])).toThrow(message);
  });

  it.each<[string, EnvVar['valueFrom'], string | undefined]>([
    ['a key of a ConfigMap', { configMapKeyRef: { name: 'o', key: 'k' } }, 'text'],
    ['a key of a Secret', { secretKeyRef: { name: 'o', key: 'k' } }, 'secret'],
    ['nothing for an optional key', { secretKeyRef: { name: 'o', key: 'none', optional: true } }, undefined],
    ['nothing for an optional object', { configMapKeyRef: { name: 'none', key: 'k', optional: true } }, undefined],
  ])('takes %s', (_, valueFrom = {}, expected) => {
    expect(value([{ name: 'V', valueFrom }])).toBe(expected);
  });
});

function all(parts: Partial<Container>, serviceVariables = new Map<string, string>()): Record<string, string> {
  const container = { name: 'web', ...parts };
  const env = makeEnvironment(podOf([container]), container, { ...sources, serviceVariables }, context);
  return Object.fromEntries(env.map((variable) => [variable.name, variable.value]));
}

describe('envFrom', () => {
  it('takes all keys, with the prefix, whatever their names, and env wins', () => {
    const envFrom = [{ configMapRef: { name: 'o' } }, { prefix: 'S_', secretRef: { name: 'o' } }];
    expect(all({ envFrom, env: [{ name: 'S_k', value: '$(k)!' }] })).toEqual({ k: 'text', 'odd.name': '1', S_k: 'text!' });
  });

  it('says what is not there, unless it is optional', () => {
    expect(() => all({ envFrom: [{ configMapRef: { name: 'c' } }] })).toThrow('configmap "c" not found');
    expect(() => all({ envFrom: [{ secretRef: { name: 's' } }] })).toThrow('secret "s" not found');
    expect(all({ envFrom: [{ configMapRef: { name: 'c', optional: true } }, { secretRef: { name: 's', optional: true } }] })).toEqual({});
  });
});

describe('service variables', () => {
  it('are there, can be referred to, and give way to the own ones', () => {
    const links = new Map([['A_SERVICE_HOST', '10.96.0.1'], ['B', 'service']]);
    expect(all({ env: [{ name: 'URL', value: 'http://$(A_SERVICE_HOST)' }, { name: 'B', value: 'own' }] }, links)).toEqual({
      A_SERVICE_HOST: '10.96.0.1', URL: 'http://10.96.0.1', B: 'own',
    });
  });
});
