import { describe, expect, it } from 'vitest';
import { containerState, containerStatus, exitOf, exitReason } from './container-record.ts';
import type { ContainerRecord } from './container-record.ts';
import type { Task, TaskStatus } from './containerd-types.ts';

const record: ContainerRecord = {
  id: 'c',
  podSandboxId: 's',
  config: { metadata: { name: 'main', attempt: 0 }, image: 'image', labels: {}, annotations: {}, tty: false, stdin: false },
  imageId: 'sha256:1',
  logPath: '/logs/0.log',
  cgroupsPath: '/pods/c',
  stopSignal: 15,
  createdAtMs: 1,
  startedAtMs: 0,
};

const task = (status: TaskStatus): Task => ({ id: 'c', pid: 7, status, exitStatus: 3, exitedAt: { seconds: '5', nanos: 6_000_000 } });
const exit = { exitCode: 3, reason: 'Error', message: '', finishedAtMs: 9 };

describe('container state', () => {
  it.each([
    ['no task yet', record, undefined, 'CONTAINER_CREATED'],
    ['a task that was not started', record, task('CREATED'), 'CONTAINER_CREATED'],
    ['a task that runs', { ...record, startedAtMs: 2 }, task('RUNNING'), 'CONTAINER_RUNNING'],
    ['a paused task', { ...record, startedAtMs: 2 }, task('PAUSED'), 'CONTAINER_RUNNING'],
    ['a stopped task', { ...record, startedAtMs: 2 }, task('STOPPED'), 'CONTAINER_EXITED'],
    ['a recorded end', { ...record, startedAtMs: 2, exit }, undefined, 'CONTAINER_EXITED'],
    ['a task that was lost', { ...record, startedAtMs: 2 }, undefined, 'CONTAINER_EXITED'],
    ['a started one whose shim does not answer', { ...record, startedAtMs: 2 }, task('UNKNOWN'), 'CONTAINER_RUNNING'],
    ['a created one whose shim does not answer', record, task('UNKNOWN'), 'CONTAINER_CREATED'],
  ])('of %s', (_, given, ofTask, state) => {
    expect(containerState(given, ofTask)).toBe(state);
  });

  it('a lost end is 255 Unknown', () => {
    expect(containerStatus({ ...record, startedAtMs: 2 }, undefined, undefined)).toMatchObject({ exitCode: 255, reason: 'Unknown', finishedAtMs: 2 });
  });

  it('the end comes from the task, its time too', () => {
    expect(exitOf(task('STOPPED'), 0, 100)).toEqual({ exitCode: 3, reason: 'Error', message: '', finishedAtMs: 5006 });
    expect(exitOf({ ...task('STOPPED'), exitedAt: { seconds: '-62135596800', nanos: 0 } }, 0, 100).finishedAtMs).toBe(100);
  });

  it.each([[0, 0, 'Completed'], [0, 1, 'OOMKilled'], [1, 0, 'Error'], [3, 1, 'OOMKilled'], [137, 0, 'Error'], [137, 2, 'OOMKilled']])('exit %i with %i OOM kills is %s', (code, kills, reason) => {
    expect(exitReason(code, kills)).toBe(reason);
  });
});
