import { FakeClock, buildPod } from '@podling/shared/testing';
import { describe, expect, it } from 'vitest';
import type { ClusterEvent } from '../framework/framework.ts';
import { SchedulingQueue } from './scheduling-queue.ts';
import type { QueuedPod } from './scheduling-queue.ts';

const pod = (name: string, priority = 0) => buildPod({ name, uid: name, spec: { priority } });

function build() {
  const clock = new FakeClock();
  const mayHelp = (event: ClusterEvent, refusedBy: ReadonlySet<string>): boolean => event === 'NodeAdded' || refusedBy.has('Fit');
  const queue = new SchedulingQueue({ clock, mayHelp });
  const pop = async (): Promise<QueuedPod> => (await queue.pop()) as QueuedPod;
  return { clock, queue, pop };
}

describe('SchedulingQueue', () => {
  it('hands out the highest priority first, then the oldest', async () => {
    const { queue, pop } = build();
    for (const one of [pod('old'), pod('urgent', 10), pod('new')]) queue.add(one);
    expect([(await pop()).uid, (await pop()).uid, (await pop()).uid]).toEqual(['urgent', 'old', 'new']);
  });

  it('holds a pod once and hands out its newest state', async () => {
    const { queue, pop } = build();
    queue.add(pod('a'));
    queue.add(pod('a', 7));
    expect(queue.depth.active).toBe(1);
    expect((await pop()).pod.spec.priority).toBe(7);
  });

  it('wakes one who waits', async () => {
    const { queue, pop } = build();
    const waiting = pop();
    queue.add(pod('a'));
    expect((await waiting).uid).toBe('a');
  });

  it('keeps an unschedulable pod until an event may help it, and then until its back-off is over', async () => {
    const { clock, queue, pop } = build();
    queue.add(pod('a'));
    queue.setUnschedulable(await pop(), new Set(['Taints']));
    await clock.advance(60_000);
    queue.moveAll('AssignedPodDeleted');
    expect(queue.depth).toEqual({ active: 0, backoff: 0, unschedulable: 1 });
    queue.moveAll('NodeAdded');
    expect(queue.depth.active).toBe(1);

    queue.setUnschedulable(await pop(), new Set(['Fit']));
    queue.moveAll('AssignedPodDeleted');
    expect(queue.depth.backoff).toBe(1);
    await clock.advance(1999);
    expect(queue.depth.backoff).toBe(1);
    await clock.advance(1);
    expect(queue.depth.active).toBe(1);
  });

  it('lets pods wait as long as they should, whatever the clock is set to meanwhile', async () => {
    const { clock, queue, pop } = build();
    queue.add(pod('retried'));
    queue.retry(await pop());
    queue.add(pod('refused'));
    queue.setUnschedulable(await pop(), new Set(['Taints']));
    clock.jump(3_600_000);
    queue.moveAll('NodeAdded');
    await clock.advance(999);
    expect(queue.depth).toEqual({ active: 0, backoff: 2, unschedulable: 0 });
    clock.jump(-7_200_000);
    await clock.advance(1);
    expect(queue.depth.active).toBe(2);
  });

  it('backs off 1 s, 2 s, 4 s, 8 s, then 10 s', async () => {
    const { clock, queue, pop } = build();
    queue.add(pod('a'));
    for (const delayMs of [1000, 2000, 4000, 8000, 10_000, 10_000]) {
      queue.retry(await pop());
      await clock.advance(delayMs - 1);
      expect(queue.depth.backoff).toBe(1);
      await clock.advance(1);
      expect(queue.depth.active).toBe(1);
    }
  });

  it('tries a pod again after 5 minutes without any event', async () => {
    const { clock, queue, pop } = build();
    queue.add(pod('a'));
    queue.setUnschedulable(await pop(), new Set(['Taints']));
    await clock.advance(100_000);
    queue.add(pod('b'));
    queue.setUnschedulable(await pop(), new Set(['Taints']));
    await clock.advance(199_999);
    expect(queue.depth.unschedulable).toBe(2);
    await clock.advance(1);
    expect(queue.depth).toMatchObject({ active: 1, unschedulable: 1 });
    await clock.advance(100_000);
    expect(queue.depth.active).toBe(2);
  });

  it('tries a pod again that its user has changed', async () => {
    const { clock, queue, pop } = build();
    queue.add(pod('a'));
    queue.setUnschedulable(await pop(), new Set(['Taints']));
    await clock.advance(5000);
    queue.add(pod('a', 1));
    expect((await pop()).pod.spec.priority).toBe(1);
  });

  it('forgets a deleted pod wherever it waits', async () => {
    const { clock, queue, pop } = build();
    queue.add(pod('active'));
    queue.add(pod('backoff', 2));
    queue.add(pod('unschedulable', 1));
    queue.retry(await pop());
    queue.setUnschedulable(await pop(), new Set(['Fit']));
    for (const uid of ['active', 'backoff', 'unschedulable']) queue.delete(uid);
    await clock.advance(600_000);
    expect(queue.depth).toEqual({ active: 0, backoff: 0, unschedulable: 0 });
    expect(clock.pendingTimers).toBe(0);
  });

  it('releases those who wait when it closes, and leaves no timer', async () => {
    const { clock, queue, pop } = build();
    queue.add(pod('a'));
    queue.setUnschedulable(await pop(), new Set(['Fit']));
    const waiting = queue.pop();
    queue.close();
    expect(await waiting).toBeUndefined();
    expect(await queue.pop()).toBeUndefined();
    expect(clock.pendingTimers).toBe(0);
  });
});
