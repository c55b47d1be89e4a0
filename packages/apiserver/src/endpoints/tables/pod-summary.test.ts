import { describe, expect, it } from 'vitest';
import type { ContainerStatus, Pod } from '@podling/shared/api';
import { podPrinter } from './pod-printer.ts';

const created = '2026-01-01T00:00:00Z';
const nowMs = Date.parse('2026-01-01T00:05:00Z');

const container = (name: string, parts: Partial<ContainerStatus>): ContainerStatus => ({ name, image: 'x', imageID: '', ready: false, restartCount: 0, ...parts });

function pod(status: Pod['status'], parts: { spec?: Partial<Pod['spec']>; deleted?: boolean } = {}): Pod {
  const deletion = parts.deleted ? { deletionTimestamp: created } : {};
  const spec = { containers: [{ name: 'a', image: 'x' }, { name: 'b', image: 'x' }], ...parts.spec };
  return { metadata: { name: 'p', creationTimestamp: created, ...deletion }, spec, ...(status ? { status } : {}) };
}

const running = { ready: true, started: true, state: { running: { startedAt: created } } };
const exited = (exitCode: number, reason?: string): Partial<ContainerStatus> => ({ state: { terminated: { exitCode, ...(reason ? { reason } : {}) } } });
const waiting = (reason: string): Partial<ContainerStatus> => ({ state: { waiting: { reason } } });
const ended = (restartCount: number, finishedAt: string): Partial<ContainerStatus> => ({ ...running, restartCount, lastState: { terminated: { exitCode: 1, finishedAt } } });
const init = { spec: { initContainers: [{ name: 'i', image: 'x' }, { name: 'j', image: 'x' }] } };
const sidecar = { spec: { initContainers: [{ name: 'i', image: 'x', restartPolicy: 'Always' as const }, { name: 'j', image: 'x' }] } };
const condition = (type: string) => ({ conditions: [{ type, status: 'True' as const }] });

describe('the columns READY, STATUS and RESTARTS of a pod', () => {
  it.each<[string, string, string, Pod]>([
    ['0/2', 'Pending', '0', pod({ phase: 'Pending' })],
    ['0/2', '', '0', pod(undefined)],
    ['0/2', 'Evicted', '0', pod({ phase: 'Failed', reason: 'Evicted' })],
    ['1/2', 'CrashLoopBackOff', '0', pod({ phase: 'Running', containerStatuses: [container('a', running), container('b', waiting('CrashLoopBackOff'))] })],
    ['0/2', 'OOMKilled', '0', pod({ phase: 'Failed', containerStatuses: [container('a', exited(137, 'OOMKilled'))] })],
    ['0/2', 'ExitCode:2', '0', pod({ phase: 'Failed', containerStatuses: [container('a', exited(2))] })],
    ['0/2', 'Signal:9', '0', pod({ phase: 'Failed', containerStatuses: [container('a', { state: { terminated: { exitCode: 137, signal: 9 } } })] })],
    ['0/2', 'Completed', '0', pod({ phase: 'Succeeded', containerStatuses: [container('a', exited(0, 'Completed'))] })],
    ['1/2', 'NotReady', '0', pod({ phase: 'Running', containerStatuses: [container('a', exited(0, 'Completed')), container('b', running)] })],
    ['1/2', 'Running', '0', pod({ phase: 'Running', ...condition('Ready'), containerStatuses: [container('a', exited(0, 'Completed')), container('b', running)] })],
    ['0/2', 'Error', '0', pod({ phase: 'Failed', containerStatuses: [container('a', exited(0, 'Completed')), container('b', exited(1, 'Error'))] })],
    ['1/2', 'Running', '3 (60s ago)', pod({ phase: 'Running', containerStatuses: [container('a', ended(3, '2026-01-01T00:04:00Z')), container('b', {})] })],
    ['2/2', 'Running', '5 (30s ago)', pod({ phase: 'Running', containerStatuses: [container('a', ended(3, '2026-01-01T00:04:00Z')), container('b', ended(2, '2026-01-01T00:04:30Z'))] })],
    ['0/2', 'Terminating', '0', pod({ phase: 'Running' }, { deleted: true })],
    ['0/2', 'Unknown', '0', pod({ phase: 'Running', reason: 'NodeLost' }, { deleted: true })],
    ['0/2', 'Completed', '0', pod({ phase: 'Succeeded', containerStatuses: [container('a', exited(0, 'Completed'))] }, { deleted: true })],
    ['0/2', 'SchedulingGated', '0', pod({ phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] })],
    ['0/2', 'Init:0/2', '0', pod({ phase: 'Pending', initContainerStatuses: [container('i', running), container('j', waiting('PodInitializing'))] }, init)],
    ['0/2', 'Init:1/2', '0', pod({ phase: 'Pending', initContainerStatuses: [container('i', exited(0)), container('j', {})] }, init)],
    ['0/2', 'Init:Error', '2', pod({ phase: 'Pending', initContainerStatuses: [container('i', { ...exited(1, 'Error'), restartCount: 2 }), container('j', { restartCount: 7 })] }, init)],
    ['0/2', 'Init:Signal:9', '0', pod({ phase: 'Pending', initContainerStatuses: [container('i', { state: { terminated: { exitCode: 137, signal: 9 } } })] }, init)],
    ['0/2', 'Init:ErrImagePull', '0', pod({ phase: 'Pending', initContainerStatuses: [container('i', waiting('ErrImagePull'))] }, init)],
    ['1/3', 'Init:1/2', '0', pod({ phase: 'Pending', initContainerStatuses: [container('i', running), container('j', running)] }, sidecar)],
    ['3/3', 'Running', '4 (30s ago)', pod({
      phase: 'Running', initContainerStatuses: [container('i', ended(4, '2026-01-01T00:04:30Z')), container('j', { ...exited(0), restartCount: 9 })],
      containerStatuses: [container('a', running), container('b', running)],
    }, sidecar)],
    ['0/2', 'CrashLoopBackOff', '1', pod({
      phase: 'Running', ...condition('Initialized'), initContainerStatuses: [container('i', waiting('Restarting'))], containerStatuses: [container('a', { ...waiting('CrashLoopBackOff'), restartCount: 1 })],
    }, init)],
  ])('are %s, %s, %s', (ready, status, restarts, of) => {
    expect(podPrinter.cells(of, nowMs).slice(1, 4)).toEqual([ready, status, restarts]);
  });

  it('come with a mark on pods that have ended', () => {
    expect(podPrinter.conditions?.(pod({ phase: 'Running' }))).toEqual([]);
    expect(podPrinter.conditions?.(pod({ phase: 'Succeeded' }))).toEqual([{ type: 'Completed', status: 'True', reason: 'Succeeded', message: 'The pod has completed successfully.' }]);
    expect(podPrinter.conditions?.(pod({ phase: 'Failed' }))).toMatchObject([{ reason: 'Failed', message: 'The pod failed.' }]);
  });
});
