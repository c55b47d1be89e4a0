import { uidOf, type Pod } from '@podling/shared/api';
import { buildPod, FakeClock } from '@podling/shared/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { CriticalPodAdmission } from './critical-pod-admission.ts';

const plain = buildPod({ name: 'plain', uid: 'plain' });
const critical: Pod = { ...buildPod({ name: 'critical', uid: 'critical' }), spec: { ...plain.spec, priority: 2_000_000_000 } };
const full = { reason: 'OutOfpods', message: 'no room', shortage: { name: 'pods', requested: 1n, used: 1n, capacity: 1n } };
const affinity = { reason: 'NodeAffinity', message: 'no such label' };
let preempted: string[];
let ended: Set<string>;
let admission: CriticalPodAdmission;

beforeEach(() => {
  [preempted, ended] = [[], new Set()];
  admission = new CriticalPodAdmission({
    pods: () => [plain], preempt: (pod) => preempted.push(uidOf(pod)), hasEnded: (uid) => ended.has(uid), clock: new FakeClock(),
  });
});

describe('CriticalPodAdmission', () => {
  it('has others go for a critical pod, which waits until they have ended', () => {
    expect(admission.waiting('critical')).toBeUndefined();
    expect(admission.recover(critical, [full])).toHaveProperty('retryAtMs');
    expect(preempted).toEqual(['plain']);
    expect(admission.waiting('critical')).toHaveProperty('retryAtMs');
    ended.add('plain');
    expect(admission.waiting('critical')).toBeUndefined();
  });

  it('refuses any other pod, and a critical one that lacks more than room', () => {
    expect(admission.recover(plain, [full])).toEqual({ reason: 'OutOfpods', message: 'Pod was rejected: no room' });
    expect(admission.recover(critical, [full, affinity])).toEqual({ reason: 'NodeAffinity', message: 'Pod was rejected: no such label' });
    expect(preempted).toEqual([]);
  });

  it('waits for nobody once it is forgotten', () => {
    admission.recover(critical, [full]);
    admission.forgetPod('critical');
    expect(admission.waiting('critical')).toBeUndefined();
  });
});
