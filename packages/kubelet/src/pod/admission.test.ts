import { buildPod } from '@podling/shared/testing';
import type { Node, Pod } from '@podling/shared/api';
import { describe, expect, it } from 'vitest';
import { admissionFailures, admitOs, rejectionOf, type Rejection } from './admission.ts';

const node = { allocatable: { cpu: '2', memory: '1Gi', pods: '2', 'ephemeral-storage': '1Gi' }, node: { metadata: { name: 'n1', labels: { disk: 'ssd' } } } as Pick<Node, 'metadata' | 'spec'> };
const admitPod = (...input: Parameters<typeof admissionFailures>): Rejection | undefined => admissionFailures(...input).map(rejectionOf)[0];
const pod = (uid: string, requests: Record<string, string> = {}, parts: Partial<Pod['spec']> = {}): Pod => buildPod({ name: uid, uid, requests, spec: parts });
const asking = (requests: Record<string, string>): Pod => {
  const asked = pod('new');
  asked.spec.containers = [{ name: 'main', resources: { requests } }];
  return asked;
};

describe('admitPod', () => {
  it('takes a pod that fits', () => {
    expect(admitPod(asking({ cpu: '2', memory: '1Gi' }), [], node)).toBeUndefined();
  });

  it.each([
    ['OutOfcpu', { cpu: '2001m' }, 'requested: 2001, used: 0, capacity: 2000'],
    ['OutOfmemory', { memory: '2Gi' }, 'requested: 2147483648, used: 0, capacity: 1073741824'],
    ['OutOfephemeral-storage', { 'ephemeral-storage': '2Gi' }, 'requested: 2147483648, used: 0, capacity: 1073741824'],
    ['OutOfhugepages-2Mi', { 'hugepages-2Mi': '2Mi' }, 'requested: 2097152, used: 0, capacity: 0'],
  ])('refuses with %s', (reason, requests, figures) => {
    const rejection = admitPod(asking(requests), [], node);
    expect(rejection?.reason).toBe(reason);
    expect(rejection?.message).toContain(figures);
  });

  it('counts sidecars beside the app', () => {
    const withSidecar = pod('new', { cpu: '1500m' }, { initContainers: [{ name: 's', restartPolicy: 'Always', resources: { requests: { cpu: '600m' } } }] });
    expect(admitPod(withSidecar, [], node)?.message).toContain('requested: 2100');
  });

  it('counts the pods that are there, but not those that are over', () => {
    const over = { ...pod('over'), status: { phase: 'Succeeded' as const } };
    expect(admitPod(pod('new'), [pod('a'), over], node)).toBeUndefined();
    expect(admitPod(pod('new'), [pod('a'), pod('b')], node)?.reason).toBe('OutOfpods');
  });

  it('does not count the pod against itself', () => {
    expect(admitPod(pod('a'), [pod('a'), pod('b')], node)).toBeUndefined();
  });

  it('refuses a host port that another pod has', () => {
    const holding = (uid: string, hostPort: number): Pod => pod(uid, {}, { containers: [{ name: 'main', ports: [{ containerPort: 80, hostPort }] }] });
    expect(admitPod(holding('new', 8080), [holding('a', 8080)], node)).toEqual({
      reason: 'NodePorts', message: "Pod was rejected: Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports",
    });
    expect(admitPod(holding('new', 8080), [holding('a', 8081)], node)).toBeUndefined();
    expect(admitPod(holding('new', 8080), [{ ...holding('a', 8080), status: { phase: 'Failed' } }], node)).toBeUndefined();
  });

  it('refuses a pod whose node selector does not match', () => {
    expect(admitPod(pod('new', {}, { nodeSelector: { disk: 'hdd' } }), [], node)?.reason).toBe('NodeAffinity');
    expect(admitPod(pod('new', {}, { nodeSelector: { disk: 'ssd' } }), [], node)).toBeUndefined();
  });

  it('refuses a pod whose affinity wants another node, by label or by name', () => {
    const affinity = (term: object): Pod => pod('new', {}, { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] } } } });
    expect(admitPod(affinity({ matchExpressions: [{ key: 'disk', operator: 'NotIn', values: ['ssd'] }] }), [], node)?.reason).toBe('NodeAffinity');
    expect(admitPod(affinity({ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n2'] }] }), [], node)?.reason).toBe('NodeAffinity');
    expect(admitPod(affinity({ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }] }), [], node)).toBeUndefined();
  });

  it('refuses a pod that a taint would end, unless it tolerates that or is static', () => {
    const tainted = (effect: 'NoExecute' | 'NoSchedule') => ({ ...node, node: { metadata: node.node.metadata, spec: { taints: [{ key: 'k', value: 'v', effect }] } } });
    expect(admitPod(pod('new'), [], tainted('NoExecute'))).toEqual({ reason: 'TaintToleration', message: "Pod was rejected: Predicate TaintToleration failed: node(s) had taints that the pod didn't tolerate" });
    expect(admitPod(pod('new'), [], tainted('NoSchedule'))).toBeUndefined();
    expect(admitPod(pod('new', {}, { tolerations: [{ key: 'k', operator: 'Exists' }] }), [], tainted('NoExecute'))).toBeUndefined();
    const fromFile = pod('new');
    fromFile.metadata.annotations = { 'kubernetes.io/config.source': 'file' };
    expect(admitPod(fromFile, [], tainted('NoExecute'))).toBeUndefined();
  });

  it('counts overhead, and what the pod asks for as a whole', () => {
    expect(admitPod(pod('new', { cpu: '1' }, { overhead: { cpu: '1500m' } }), [], node)?.message).toContain('requested: 2500');
    expect(admitPod(pod('new', { cpu: '1' }, { resources: { requests: { cpu: '3' } } }), [], node)?.message).toContain('requested: 3000');
  });

  it('does not mind what the node does not count', () => {
    expect(admitPod(asking({ 'example.com/gpu': '1' }), [], node)).toBeUndefined();
  });

  it('names all that is missing', () => {
    expect(admissionFailures(asking({ cpu: '3', memory: '2Gi' }), [pod('a'), pod('b')], node).map(({ reason }) => reason)).toEqual(['OutOfpods', 'OutOfcpu', 'OutOfmemory']);
  });
});

describe('admitOs', () => {
  it('refuses pods for another system', () => {
    const labelled = pod('new');
    labelled.metadata.labels = { 'kubernetes.io/os': 'windows' };
    expect(admitOs(labelled)?.reason).toBe('PodOSSelectorNodeLabelDoesNotMatch');
    expect(admitOs(pod('new', {}, { os: { name: 'windows' } }))?.reason).toBe('PodOSNotSupported');
    expect(admitOs(pod('new', {}, { os: { name: 'linux' } }))).toBeUndefined();
  });
});
