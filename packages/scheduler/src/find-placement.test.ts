import type { Node, Pod } from '@podling/shared/api';
import { buildNode, buildPod } from '@podling/shared/testing';
import { describe, expect, it } from 'vitest';
import { SchedulerCache } from './cache/scheduler-cache.ts';
import { FitError, findPlacement } from './find-placement.ts';
import { buildPodInfo } from './framework/pod-info.ts';
import { Framework } from './framework/runtime.ts';

function place(pod: Pod, nodes: Node[], { random = (): number => 0, startIndex = 0 } = {}) {
  const cache = new SchedulerCache();
  for (const node of nodes) cache.setNode(node);
  return findPlacement(buildPodInfo(pod), cache.nodes(), { framework: new Framework(), random, startIndex });
}

function refusal(pod: Pod, nodes: Node[]): FitError {
  try {
    place(pod, nodes);
  } catch (error) {
    if (error instanceof FitError) return error;
    throw error;
  }
  throw new Error('the pod fitted');
}

describe('findPlacement', () => {
  it('takes the best of the nodes that pass', () => {
    const nodes = [buildNode({ name: 'small', allocatable: { cpu: '1' } }), buildNode({ name: 'large', allocatable: { cpu: '64' } }), buildNode({ name: 'off', unschedulable: true })];
    const { nodeName, candidates, evaluated } = place(buildPod({ requests: { cpu: '500m' } }), nodes);
    expect(nodeName).toBe('large');
    expect(candidates.map(({ node }) => node.node.metadata.name)).toEqual(['large', 'small']);
    expect(evaluated).toBe(3);
  });

  it('draws among equals', () => {
    const nodes = ['a', 'b', 'c'].map((name) => buildNode({ name }));
    expect([0, 0.34, 0.99].map((drawn) => place(buildPod(), nodes, { random: () => drawn }).nodeName)).toEqual(['a', 'b', 'c']);
  });

  it('stops early in a large cluster and begins elsewhere next time', () => {
    const nodes = Array.from({ length: 1000 }, (_, index) => buildNode({ name: `n${index}` }));
    const { candidates, evaluated, nodeName } = place(buildPod(), nodes, { startIndex: 990 });
    expect([candidates.length, evaluated, nodeName]).toEqual([420, 420, 'n990']);
  });

  it('tells how many nodes refuse for each reason, in order', () => {
    const taints = [{ key: 'k', effect: 'NoSchedule' as const }];
    const error = refusal(buildPod({ requests: { cpu: '8', memory: '64Gi' } }), [buildNode({ name: 'a' }), buildNode({ name: 'b', taints }), buildNode({ name: 'c', taints })]);
    expect(error.message).toBe('0/3 nodes are available: 1 Insufficient cpu, 1 Insufficient memory, 2 node(s) had untolerated taint(s).');
    expect([...error.refusedBy]).toEqual(['NodeResourcesFit', 'TaintToleration']);
  });

  it('says so when there is no node at all', () => {
    expect(refusal(buildPod(), []).message).toBe('no nodes available to schedule pods');
  });
});
