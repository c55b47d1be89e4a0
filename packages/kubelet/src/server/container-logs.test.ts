import type { ContainerState, ContainerStatus, Pod } from '@podling/shared/api';
import { describe, expect, it } from 'vitest';
import { logContainerId } from './container-logs.ts';

const pod: Pod = { metadata: { name: 'web', namespace: 'default', uid: 'u1' }, spec: { initContainers: [{ name: 'first' }], containers: [{ name: 'main' }] } };
const ended = (containerID?: string): ContainerState => ({ terminated: { exitCode: 1, ...(containerID === undefined ? {} : { containerID }) } });
const waiting = (reason?: string): ContainerState => ({ waiting: reason === undefined ? {} : { reason } });
const status = (parts: Partial<ContainerStatus>): ContainerStatus => ({ name: 'main', image: 'i', imageID: '', ready: false, restartCount: 0, ...parts });
const idOf = (own: ContainerStatus, previous = false): string => logContainerId(pod, { containerStatuses: [own] }, 'main', previous);

describe('the container whose log is read', () => {
  it.each<[string, Partial<ContainerStatus>, string]>([
    ['that runs', { state: { running: {} }, containerID: 'containerd://c2', lastState: ended('containerd://c1') }, 'c2'],
    ['that has ended', { state: ended('containerd://c2'), lastState: ended('containerd://c1') }, 'c2'],
    ['before, when the next one did not come about', { state: ended(), lastState: ended('containerd://c1') }, 'c1'],
    ['before, while the next one waits', { state: waiting('CrashLoopBackOff'), containerID: 'containerd://c1', lastState: ended('containerd://c1') }, 'c1'],
  ])('is the one %s', (_, own, id) => {
    expect(idOf(status(own))).toBe(id);
  });

  it('is the last one when the previous is asked for', () => {
    expect(idOf(status({ state: { running: {} }, containerID: 'containerd://c2', lastState: ended('containerd://c1') }), true)).toBe('c1');
    const none = 'previous terminated container "main" in pod "web" not found';
    expect(() => idOf(status({ state: { running: {} }, containerID: 'containerd://c2' }), true)).toThrow(none);
    expect(() => idOf(status({ state: ended('containerd://c2') }), true)).toThrow(none);
  });

  it.each<[Partial<ContainerStatus>, string]>([
    [{ state: waiting('ContainerCreating') }, 'waiting to start: ContainerCreating'],
    [{ state: waiting('ErrImagePull') }, "waiting to start: image can't be pulled"],
    [{ state: waiting('ImagePullBackOff') }, 'waiting to start: trying and failing to pull image'],
    [{}, 'waiting to start - no logs yet'],
    [{ state: ended() }, 'terminated'],
    [{ state: waiting('CrashLoopBackOff'), lastState: ended() }, 'terminated'],
  ])('is none yet: %j', (own, why) => {
    expect(() => idOf(status(own))).toThrow(expect.objectContaining({ code: 400, message: `container "main" in pod "web" is ${why}` }) as Error);
  });

  it('may be an init container, and must be one of the pod that has been reported', () => {
    expect(logContainerId(pod, { initContainerStatuses: [status({ name: 'first', state: ended('containerd://c0') })] }, 'first', false)).toBe('c0');
    expect(() => logContainerId(pod, {}, 'main', false)).toThrow('container "main" in pod "web" is not available');
    expect(() => logContainerId(pod, {}, 'other', false)).toThrow('container "other" not found in pod "web"');
  });
});
