import type { Node, NodeSelectorRequirement, NodeSelectorTerm, Pod, Taint, Toleration } from '@podling/shared/api';
import { buildNode, buildPod } from '@podling/shared/testing';
import { describe, expect, it } from 'vitest';
import { CachedNode } from '../../cache/node-info.ts';
import type { FilterPlugin } from '../framework.ts';
import { buildPodInfo } from '../pod-info.ts';
import { leastAllocated } from './least-allocated.ts';
import { nodeAffinity } from './node-affinity.ts';
import { nodePorts } from './node-ports.ts';
import { nodeName } from './node-name.ts';
import { nodeResourcesFit } from './node-resources-fit.ts';
import { nodeUnschedulable } from './node-unschedulable.ts';
import { taintToleration } from './taint-toleration.ts';

function nodeWith(node: Node, ...pods: Pod[]): CachedNode {
  const cached = new CachedNode();
  cached.setNode(node);
  pods.forEach((pod, index) => cached.addPod(String(index), buildPodInfo(pod)));
  return cached;
}

function filter(plugin: FilterPlugin, pod: Pod, node: Node, ...pods: Pod[]): readonly string[] {
  return plugin.filterFor(buildPodInfo(pod))?.(nodeWith(node, ...pods)) ?? [];
}

describe('NodeName', () => {
  it('refuses every node but the named one', () => {
    const pod = buildPod({ nodeName: 'a' });
    expect(filter(nodeName, pod, buildNode({ name: 'a' }))).toEqual([]);
    expect(filter(nodeName, pod, buildNode({ name: 'b' }))).toEqual(["node(s) didn't match the requested node name"]);
  });
});

describe('NodeUnschedulable', () => {
  it('refuses a cordoned node unless that is tolerated', () => {
    const node = buildNode({ unschedulable: true });
    expect(filter(nodeUnschedulable, buildPod(), node)).toEqual(['node(s) were unschedulable']);
    const tolerations: Toleration[] = [{ key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' }];
    expect(filter(nodeUnschedulable, buildPod({ spec: { tolerations } }), node)).toEqual([]);
  });
});

describe('NodePorts', () => {
  type Ports = NonNullable<Pod['spec']['containers'][number]['ports']>;
  const withPorts = (name: string, ports: Ports, sidecarPorts: Ports = []): Pod =>
    buildPod({ name, spec: { containers: [{ name: 'c', ports }], initContainers: [{ name: 's', restartPolicy: 'Always', ports: sidecarPorts }, { name: 'i', ports: [{ containerPort: 1, hostPort: 1000 }] }] } });
  const port = (hostPort: number, more: Partial<Ports[number]> = {}): Ports => [{ containerPort: 80, hostPort, ...more }];
  it.each<[string, Ports, Ports, boolean]>([
    ['the same port', port(8080), port(8080), false],
    ['another port', port(8080), port(8081), true],
    ['the same port of another protocol', port(8080, { protocol: 'UDP' }), port(8080), true],
    ['the same port of another address', port(8080, { hostIP: '10.0.0.1' }), port(8080, { hostIP: '10.0.0.2' }), true],
    ['the same port of one address and of all', port(8080, { hostIP: '10.0.0.1' }), port(8080), false],
    ['the same port of all addresses and of one', port(8080), port(8080, { hostIP: '10.0.0.1' }), false],
    ['no host port', port(8080), [{ containerPort: 8080 }], true],
    ['the port of an init container that has ended', port(1000), [], true],
  ])('looks at ports that others have: %s', (_what, wanted, used, passes) => {
    const reasons = filter(nodePorts, withPorts('new', wanted), buildNode(), withPorts('old', used));
    expect(reasons).toEqual(passes ? [] : ["node(s) didn't have free ports for the requested pod ports"]);
  });

  it('counts sidecars, and frees the ports of a pod that goes', () => {
    const node = nodeWith(buildNode());
    const sidecar = buildPodInfo(withPorts('old', [], port(8080)));
    node.addPod('old', sidecar);
    const check = nodePorts.filterFor(buildPodInfo(withPorts('new', port(8080))));
    expect(check?.(node)).not.toEqual([]);
    node.removePod('old', sidecar);
    expect(check?.(node)).toEqual([]);
  });
});

describe('TaintToleration', () => {
  const taint: Taint = { key: 'k', value: 'v', effect: 'NoSchedule' };
  it.each<[string, Taint, Toleration[], boolean]>([
    ['refuses an untolerated NoSchedule taint', taint, [], false],
    ['refuses an untolerated NoExecute taint', { ...taint, effect: 'NoExecute' }, [], false],
    ['passes a PreferNoSchedule taint', { ...taint, effect: 'PreferNoSchedule' }, [], true],
    ['tolerates by key and value', taint, [{ key: 'k', value: 'v', effect: 'NoSchedule' }], true],
    ['does not tolerate another value', taint, [{ key: 'k', value: 'w' }], false],
    ['does not tolerate another effect', taint, [{ key: 'k', value: 'v', effect: 'NoExecute' }], false],
    ['tolerates every value by Exists', taint, [{ key: 'k', operator: 'Exists' }], true],
    ['tolerates everything by Exists without a key', taint, [{ operator: 'Exists' }], true],
    ['tolerates nothing by Equal without a key', { ...taint, value: '' }, [{ operator: 'Equal' }], false],
  ])('%s', (_what, present, tolerations, passes) => {
    const reasons = filter(taintToleration, buildPod({ spec: { tolerations } }), buildNode({ taints: [present] }));
    expect(reasons).toEqual(passes ? [] : ['node(s) had untolerated taint(s)']);
  });

  it('scores nodes with fewer untolerated PreferNoSchedule taints higher', () => {
    const soft = (key: string): Taint => ({ key, effect: 'PreferNoSchedule' });
    const nodes = [[], [soft('a')], [soft('a'), soft('b')]].map((taints) => nodeWith(buildNode({ taints })));
    const scorer = taintToleration.scorerFor(buildPodInfo(buildPod()));
    const scores = nodes.map((node) => scorer?.(node) ?? NaN);
    taintToleration.normalize?.(scores);
    expect(scores).toEqual([100, 50, 0]);
  });
});

describe('NodeAffinity', () => {
  const labels = { disk: 'ssd', cores: '8' };
  const affine = (...nodeSelectorTerms: NodeSelectorTerm[]): Pod =>
    buildPod({ spec: { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } } } });
  const passes = (pod: Pod): boolean => filter(nodeAffinity, pod, buildNode({ name: 'a', labels })).length === 0;

  it('wants every label of the nodeSelector', () => {
    expect(passes(buildPod({ spec: { nodeSelector: { disk: 'ssd' } } }))).toBe(true);
    const refused = buildPod({ spec: { nodeSelector: { disk: 'ssd', zone: 'x' } } });
    expect(filter(nodeAffinity, refused, buildNode({ labels }))).toEqual(["node(s) didn't match Pod's node affinity/selector"]);
  });

  it.each<[NodeSelectorRequirement, boolean]>([
    [{ key: 'disk', operator: 'In', values: ['hdd', 'ssd'] }, true],
    [{ key: 'disk', operator: 'NotIn', values: ['ssd'] }, false],
    [{ key: 'zone', operator: 'NotIn', values: ['x'] }, true],
    [{ key: 'disk', operator: 'Exists' }, true],
    [{ key: 'zone', operator: 'DoesNotExist' }, true],
    [{ key: 'toString', operator: 'Exists' }, false],
    [{ key: 'cores', operator: 'Gt', values: ['7'] }, true],
    [{ key: 'cores', operator: 'Gt', values: ['8'] }, false],
    [{ key: 'cores', operator: 'Lt', values: ['10'] }, true],
    [{ key: 'disk', operator: 'Gt', values: ['1'] }, false],
  ])('%j → %s', (requirement, expected) => expect(passes(affine({ matchExpressions: [requirement] }))).toBe(expected));

  it('wants one term to hold with all its parts, and an empty term never holds', () => {
    const yes: NodeSelectorRequirement = { key: 'disk', operator: 'Exists' };
    const no: NodeSelectorRequirement = { key: 'zone', operator: 'Exists' };
    expect(passes(affine({ matchExpressions: [yes, no] }))).toBe(false);
    expect(passes(affine({ matchExpressions: [no] }, { matchExpressions: [yes] }))).toBe(true);
    expect(passes(affine({}))).toBe(false);
    expect(passes(affine({ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['a'] }] }))).toBe(true);
  });
});

describe('NodeResourcesFit', () => {
  const node = buildNode({ allocatable: { cpu: '2', memory: '1Gi', 'ephemeral-storage': '1Gi', pods: '2', 'example.com/gpu': '1' } });

  it('counts what the pods on the node request, to the last unit', () => {
    const present = buildPod({ requests: { cpu: '1500m' } });
    expect(filter(nodeResourcesFit, buildPod({ requests: { cpu: '500m' } }), node, present)).toEqual([]);
    expect(filter(nodeResourcesFit, buildPod({ requests: { cpu: '501m' } }), node, present)).toEqual(['Insufficient cpu']);
  });

  it('names everything that is short', () => {
    const pod = buildPod({ requests: { cpu: '3', memory: '2Gi', 'ephemeral-storage': '2Gi', 'example.com/gpu': '2' } });
    expect(filter(nodeResourcesFit, pod, node, buildPod(), buildPod())).toEqual([
      'Too many pods', 'Insufficient cpu', 'Insufficient memory', 'Insufficient ephemeral-storage', 'Insufficient example.com/gpu',
    ]);
  });

  it('lets a pod without requests in where too much was promised', () => {
    expect(filter(nodeResourcesFit, buildPod(), node, buildPod({ requests: { cpu: '5' } }))).toEqual([]);
  });
});

describe('NodeResourcesLeastAllocated', () => {
  it('prefers the node with the larger free share', () => {
    const pod = buildPodInfo(buildPod({ requests: { cpu: '1', memory: '1Gi' } }));
    const scorer = leastAllocated.scorerFor(pod);
    const node = buildNode({ allocatable: { cpu: '4', memory: '4Gi' } });
    expect(scorer?.(nodeWith(node))).toBe(75);
    expect(scorer?.(nodeWith(node, buildPod({ requests: { cpu: '2', memory: '1Gi' } })))).toBe(37);
    expect(scorer?.(nodeWith(node, buildPod({ requests: { cpu: '4', memory: '4Gi' } })))).toBe(0);
  });
});
