import { buildPod } from '@podling/shared/testing';
import type { Container } from '@podling/shared/api';
import { describe, expect, it } from 'vitest';
import { buildPodInfo } from './pod-info.ts';

const container = (name: string, cpu: string, extra: Partial<Container> = {}): Container => ({ name, image: 'i', resources: { requests: { cpu } }, ...extra });

describe('PodInfo', () => {
  it.each<[string, Parameters<typeof buildPod>[0], number]>([
    ['adds its containers', { spec: { containers: [container('a', '250m'), container('b', '1')] } }, 1250],
    ['takes the largest init container where that is more', { spec: { containers: [container('a', '1')], initContainers: [container('i', '3'), container('j', '2')] } }, 3000],
    [
      'adds sidecars to the containers and to later init containers',
      { spec: { containers: [container('a', '1')], initContainers: [container('s', '1', { restartPolicy: 'Always' }), container('i', '2')] } },
      3000,
    ],
    ['does not add a sidecar to an init container before it', { spec: { containers: [container('a', '1')], initContainers: [container('i', '2'), container('s', '1', { restartPolicy: 'Always' })] } }, 2000],
    ['counts what the pod asks for as a whole', { spec: { containers: [container('a', '1')], resources: { requests: { cpu: '2' } }, overhead: { cpu: '100m' } } }, 2100],
    ['adds the overhead', { spec: { containers: [container('a', '1')], overhead: { cpu: '100m' } } }, 1100],
  ])('%s', (_what, parts, milliCpu) => {
    expect(buildPodInfo(buildPod(parts)).requests.milliCpu).toBe(milliCpu);
  });

  const status = (allocated: string, actual: string) => ({
    name: 'a', image: 'i', imageID: '', ready: true, restartCount: 0, allocatedResources: { cpu: allocated }, resources: { requests: { cpu: actual } },
  });
  const infeasible = { type: 'PodResizePending', status: 'True' as const, reason: 'Infeasible' };

  it.each([
    ['asked for and not granted yet', '4', status('1', '1'), [], 4000],
    ['granted and not in force yet', '1', status('3', '2'), [], 3000],
    ['still in force while it shrinks', '1', status('1', '2'), [], 2000],
    ['what it has, where no node can give what it asks for', '400', status('1', '2'), [infeasible], 2000],
  ])('counts of a pod that is resized what is most: %s', (_what, asked, containerStatus, conditions, milliCpu) => {
    const pod = buildPod({ spec: { containers: [container('a', asked)] } });
    expect(buildPodInfo({ ...pod, status: { ...pod.status, containerStatuses: [containerStatus], conditions } }).requests.milliCpu).toBe(milliCpu);
  });

  it('reads every quantity form, and extended resources', () => {
    const { requests } = buildPodInfo(buildPod({ requests: { cpu: '0.5', memory: '128M', 'ephemeral-storage': '1Gi', 'example.com/gpu': '2' } }));
    expect(requests).toEqual({ milliCpu: 500, memoryBytes: 128e6, ephemeralStorageBytes: 2 ** 30, scalars: { 'example.com/gpu': 2 } });
  });

  it('counts a container without requests a little when nodes are compared', () => {
    const { requests, scoringRequests } = buildPodInfo(buildPod());
    expect(requests.milliCpu).toBe(0);
    expect(scoringRequests).toMatchObject({ milliCpu: 100, memoryBytes: 200 * 2 ** 20 });
  });
});
