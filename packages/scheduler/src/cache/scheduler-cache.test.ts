import { buildNode, buildPod } from '@podling/shared/testing';
import { describe, expect, it } from 'vitest';
import { buildPodInfo } from '../framework/pod-info.ts';
import { SchedulerCache } from './scheduler-cache.ts';

const pod = (name: string, nodeName?: string) => buildPod({ name, uid: name, requests: { cpu: '1' }, ...(nodeName ? { nodeName } : {}) });
const usage = (cache: SchedulerCache) => cache.nodes().map(({ node, podCount, requested }) => [node.metadata.name, podCount, requested.milliCpu]);

describe('SchedulerCache', () => {
  it('counts an assumed pod at once, and only once when it is confirmed', () => {
    const cache = new SchedulerCache();
    cache.setNode(buildNode({ name: 'n' }));
    cache.assume(buildPodInfo(pod('a')), 'n');
    expect(usage(cache)).toEqual([['n', 1, 1000]]);
    expect(cache.isAssumed('a')).toBe(true);
    cache.setPod(pod('a', 'n'));
    expect(usage(cache)).toEqual([['n', 1, 1000]]);
    cache.forget('a');
    expect(usage(cache)).toEqual([['n', 1, 1000]]);
    expect(cache.removePod('a')).toBe(true);
    expect(cache.removePod('a')).toBe(false);
    expect(usage(cache)).toEqual([['n', 0, 0]]);
  });

  it('gives back the place of a pod whose binding failed', () => {
    const cache = new SchedulerCache();
    cache.setNode(buildNode({ name: 'n' }));
    cache.assume(buildPodInfo(pod('a')), 'n');
    cache.forget('a');
    expect(usage(cache)).toEqual([['n', 0, 0]]);
  });

  it('believes the server where a pod was bound elsewhere', () => {
    const cache = new SchedulerCache();
    for (const name of ['n', 'm']) cache.setNode(buildNode({ name }));
    cache.assume(buildPodInfo(pod('a')), 'n');
    cache.setPod(pod('a', 'm'));
    expect(usage(cache)).toEqual([['n', 0, 0], ['m', 1, 1000]]);
  });

  it('counts pods that are known before their node, and across its return', () => {
    const cache = new SchedulerCache();
    cache.setPod(pod('a', 'n'));
    expect(cache.nodes()).toEqual([]);
    cache.setNode(buildNode({ name: 'n' }));
    expect(usage(cache)).toEqual([['n', 1, 1000]]);
    cache.removeNode('n');
    expect(cache.nodes()).toEqual([]);
    cache.setNode(buildNode({ name: 'n' }));
    expect(usage(cache)).toEqual([['n', 1, 1000]]);
  });
});
