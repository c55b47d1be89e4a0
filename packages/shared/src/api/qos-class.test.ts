import { describe, expect, it } from 'vitest';
import type { PodSpec } from './pod.ts';
import { qosClassOf } from './qos-class.ts';
import type { ResourceRequirements } from './resource-requirements.ts';

const spec = (containers: ResourceRequirements[], parts: Partial<PodSpec> = {}): PodSpec => ({ containers: containers.map((resources, index) => ({ name: `c${index}`, resources })), ...parts });
const full = { cpu: '500m', memory: '1Gi' };

describe('qosClassOf', () => {
  it.each<[string, PodSpec]>([
    ['BestEffort', spec([{}])],
    ['BestEffort', spec([{ requests: { cpu: '0' } }])],
    ['Burstable', spec([{ requests: { cpu: '100m' } }])],
    ['Burstable', spec([{ limits: full }, {}])],
    ['Burstable', spec([{ limits: full, requests: { cpu: '100m' } }])],
    ['Burstable', spec([{ limits: full }], { initContainers: [{ name: 'i' }] })],
    ['Guaranteed', spec([{ limits: full }])],
    ['Guaranteed', spec([{ limits: full, requests: { cpu: '0.5', memory: '1024Mi' } }])],
    ['Guaranteed', spec([{}, {}], { resources: { limits: full, requests: full } })],
    ['Burstable', spec([{ limits: full }], { resources: { requests: full } })],
  ])('is %s for %j', (expected, pod) => {
    expect(qosClassOf(pod)).toBe(expected);
  });
});
