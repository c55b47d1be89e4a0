import { describe, expect, it } from 'vitest';
import type { ContainerStatus, Event, Node, Pod } from '@podling/shared/api';
import { eventPrinter } from './event-printer.ts';
import { nodePrinter } from './node-printer.ts';
import { podPrinter } from './pod-printer.ts';

const created = '2026-01-01T00:00:00Z';
const nowMs = Date.parse('2026-01-01T00:05:00Z');

function container(name: string, parts: Partial<ContainerStatus>): ContainerStatus {
  return { name, image: 'x', imageID: '', ready: false, restartCount: 0, ...parts };
}

function pod(status: Pod['status'], parts: { spec?: Partial<Pod['spec']>; deleted?: boolean } = {}): Pod {
  const deletion = parts.deleted ? { deletionTimestamp: created } : {};
  const spec = { containers: [{ name: 'a', image: 'x' }, { name: 'b', image: 'x' }], ...parts.spec };
  return { metadata: { name: 'p', creationTimestamp: created, ...deletion }, spec, ...(status ? { status } : {}) };
}

const running = { ready: true, state: { running: { startedAt: created } } };
const exited = (exitCode: number, reason?: string): Partial<ContainerStatus> => ({ state: { terminated: { exitCode, ...(reason ? { reason } : {}) } } });

describe('the pod printer', () => {
  const statusOf = (of: Pod): unknown => podPrinter.cells(of, nowMs)[2];

  it('counts ready containers and restarts, and says when the last one was', () => {
    const restarted = { ...running, restartCount: 3, lastState: { terminated: { exitCode: 1, finishedAt: '2026-01-01T00:04:00Z' } } };
    const cells = podPrinter.cells(pod({ phase: 'Running', podIP: '10.0.0.1', containerStatuses: [container('a', restarted), container('b', {})] }), nowMs);
    expect(cells).toEqual(['p', '1/2', 'Running', '3 (60s ago)', '5m', '10.0.0.1', '<none>', '<none>', '<none>']);
  });

  it.each<[string, Pod]>([
    ['Pending', pod({ phase: 'Pending' })],
    ['Unknown', pod(undefined)],
    ['Evicted', pod({ phase: 'Failed', reason: 'Evicted' })],
    ['CrashLoopBackOff', pod({ phase: 'Running', containerStatuses: [container('a', running), container('b', { state: { waiting: { reason: 'CrashLoopBackOff' } } })] })],
    ['OOMKilled', pod({ phase: 'Failed', containerStatuses: [container('a', exited(137, 'OOMKilled'))] })],
    ['ExitCode:2', pod({ phase: 'Failed', containerStatuses: [container('a', exited(2))] })],
    ['Completed', pod({ phase: 'Succeeded', containerStatuses: [container('a', exited(0, 'Completed'))] })],
    ['NotReady', pod({ phase: 'Running', containerStatuses: [container('a', exited(0, 'Completed')), container('b', running)] })],
    ['Terminating', pod({ phase: 'Running' }, { deleted: true })],
    ['Completed', pod({ phase: 'Succeeded', containerStatuses: [container('a', exited(0, 'Completed'))] }, { deleted: true })],
    ['SchedulingGated', pod({ phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] })],
    ['Init:0/1', pod({ phase: 'Pending', initContainerStatuses: [container('i', running)] }, { spec: { initContainers: [{ name: 'i', image: 'x' }] } })],
    ['Init:Error', pod({ phase: 'Pending', initContainerStatuses: [container('i', exited(1, 'Error'))] }, { spec: { initContainers: [{ name: 'i', image: 'x' }] } })],
    ['Init:ErrImagePull', pod({ phase: 'Pending', initContainerStatuses: [container('i', { state: { waiting: { reason: 'ErrImagePull' } } })] }, { spec: { initContainers: [{ name: 'i', image: 'x' }] } })],
  ])('says %s', (text, of) => {
    expect(statusOf(of)).toBe(text);
  });
});

describe('the node printer', () => {
  const ready = (status: 'True' | 'False' | 'Unknown', parts: Partial<Node> = {}): Node => ({ metadata: { name: 'n' }, status: { conditions: [{ type: 'Ready', status }] }, ...parts });

  it.each<[string, Node]>([
    ['Ready', ready('True')], ['NotReady', ready('False')], ['NotReady', ready('Unknown')], ['Unknown', { metadata: { name: 'n' } }],
    ['Ready,SchedulingDisabled', ready('True', { spec: { unschedulable: true } })],
  ])('says %s', (text, node) => {
    expect(nodePrinter.cells(node, nowMs)[1]).toBe(text);
  });

  it('names the roles in order', () => {
    const labels = { 'node-role.kubernetes.io/worker': '', 'node-role.kubernetes.io/control-plane': '' };
    expect(nodePrinter.cells(ready('True', { metadata: { name: 'n', labels } }), nowMs)[2]).toBe('control-plane,worker');
    expect(nodePrinter.cells(ready('True'), nowMs)[2]).toBe('<none>');
  });
});

describe('the event printer', () => {
  it('tells a repeated event from a single one', () => {
    const event: Event = {
      metadata: { name: 'e' }, involvedObject: { kind: 'Pod', name: 'p' }, reason: 'BackOff', message: ' again\n', type: 'Warning', count: 4,
      firstTimestamp: created, lastTimestamp: '2026-01-01T00:04:00Z', source: { component: 'kubelet', host: 'n' },
    };
    expect(eventPrinter.cells(event, nowMs)).toEqual(['60s (x4 over 5m)', 'Warning', 'BackOff', 'pod/p', '', 'kubelet, n', 'again', '5m', 4, 'e']);
    const single: Event = { ...event, count: 1 };
    expect(eventPrinter.cells(single, nowMs)[0]).toBe('60s');
  });
});
