import type { Pod } from '@podling/shared/api';
import { buildPod } from '@podling/shared/testing';
import { describe, expect, it } from 'vitest';
import { podsToPreempt } from './preemption.ts';

type Amounts = Record<string, string>;

const pod = (uid: string, requests: Amounts, limits?: Amounts, spec: Partial<Pod['spec']> = {}): Pod =>
  buildPod({ name: uid, uid, spec: { containers: [{ name: 'main', resources: { requests, ...(limits ? { limits } : {}) } }], ...spec } });
const guaranteed = (uid: string, cpu: string, memory: string): Pod => pod(uid, { cpu, memory }, { cpu, memory });
const critical = pod('critical', {}, undefined, { priority: 2_000_000_000 });
const others = [
  pod('best-effort', { 'ephemeral-storage': '1Gi' }), pod('burstable', { cpu: '200m', memory: '200Mi' }), pod('large', { cpu: '800m', memory: '800Mi' }),
  guaranteed('guaranteed', '200m', '200Mi'), guaranteed('huge', '2', '2Gi'),
];
const cpu = (amount: bigint) => ({ name: 'cpu', amount });
const memory = (mebibytes: bigint) => ({ name: 'memory', amount: mebibytes * 1024n * 1024n });

describe('podsToPreempt', () => {
  it.each([
    ['a burstable pod before a guaranteed one', [cpu(150n)], ['burstable']],
    ['the pod that comes nearest', [cpu(700n)], ['large']],
    ['several where one is not enough', [cpu(900n)], ['large', 'burstable']],
    ['a guaranteed pod only for what the others do not have', [cpu(1100n)], ['burstable', 'guaranteed', 'large']],
    ['pods that help with all that is missing', [cpu(500n), memory(500n)], ['large']],
    ['a pod for its place', [{ name: 'pods', amount: 1n }], ['best-effort']],
    ['a pod without CPU for its disk', [{ name: 'ephemeral-storage', amount: 10n }], ['best-effort']],
    ['nothing for nothing', [], []],
  ])('takes %s', (_, requirements, names) => {
    expect(podsToPreempt(critical, others, requirements).map(({ metadata }) => metadata.name).sort()).toEqual([...names].sort());
  });

  it('says when there is nobody to go', () => {
    expect(() => podsToPreempt(critical, others, [cpu(9000n)])).toThrow('no set of running pods found to reclaim resources: [(res: cpu, q: 5800), ]');
  });

  it('leaves critical pods alone, and pods of equal priority to whoever is not critical', () => {
    const same = pod('other-critical', { cpu: '4' }, undefined, { priority: 2_000_000_000 });
    expect(() => podsToPreempt(critical, [same], [cpu(1n)])).toThrow('no set of running pods');
    expect(() => podsToPreempt(pod('plain', {}), others, [cpu(1n)])).toThrow('no set of running pods');
  });
});
