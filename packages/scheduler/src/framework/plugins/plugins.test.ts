import type { Node, NodeSelectorRequirement, NodeSelectorTerm, Pod, Taint, Toleration } from '@podling/shared/api';
import { buildNode, buildPod } from '@podling/shared/testing';
import { describe, expect, it } from 'vitest';
import { CachedNode } from '../../cache/node-info.ts';
import type { FilterPlugin } from '../framework.ts';
import { buildPodInfo } from '../pod-info.ts';
import { leastAllocated } from './least-allocated.ts';
import { nodeAffinity } from './node-affinity.ts';
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
