import { buildPod } from '@podling/shared/testing';
import type { Pod } from '@podling/shared/api';
import { describe, expect, it } from 'vitest';
import { admitPod } from './admission.ts';

const node = { allocatable: { cpu: '2', memory: '1Gi', pods: '2' }, labels: { disk: 'ssd' } };
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
});
