import type { ContainerStatus as RuntimeContainerStatus } from '@podling/cri';
import type { ContainerStatus, Pod, PodStatus } from '@podling/shared/api';
import { describe, expect, it } from 'vitest';
import { containerOf, exitedOf, podOf, sandboxOf, uid } from '../testing/runtime-objects.ts';
import { noProbeResults, type ProbeResults } from './probe-results.ts';
import { computePodActions, type PodActions } from './compute-pod-actions.ts';
import type { PodRuntimeStatus } from './runtime.ts';

type Policy = NonNullable<Pod['spec']['restartPolicy']>;

function pod(restartPolicy: Policy = 'Always', init: string[] = []): Pod {
  const initContainers = init.map((name) => ({ name, image: 'podling.local/toolbox:1' }));
  return podOf([{ name: 'a' }, { name: 'b' }], { restartPolicy, ...(init.length > 0 ? { initContainers } : {}) });
}

function status(parts: Partial<PodRuntimeStatus>): PodRuntimeStatus {
  return { uid, sandboxes: [], containers: [], ...parts };
}

interface Brief {
  killPod?: boolean;
  createSandbox?: boolean;
  attempt?: number;
  startInit?: string[];
  start?: string[];
  kill?: string[];
  remove?: string[];
}

function brief(actions: PodActions): Brief {
  return {
    ...(actions.killPod ? { killPod: true } : {}),
    ...(actions.createSandbox ? { createSandbox: true, attempt: actions.attempt } : {}),
    ...(actions.startInit.length > 0 ? { startInit: actions.startInit.map(({ name }) => name) } : {}),
    ...(actions.start.length > 0 ? { start: actions.start.map(({ name }) => name) } : {}),
    ...(actions.kill.length > 0 ? { kill: actions.kill.map(({ container }) => container.id) } : {}),
    ...(actions.remove.length > 0 ? { remove: actions.remove.map(({ id }) => id) } : {}),
  };
}

interface Case {
  promise: string;
  pod?: Pod;
  status: (pod: Pod) => Partial<PodRuntimeStatus>;
  reported?: PodStatus;
  expected: Brief;
}

const fresh = (start: string[], attempt = 0): Brief => ({ killPod: true, createSandbox: true, attempt, start });

const reportedOf = (name: string, state: NonNullable<ContainerStatus['state']>): ContainerStatus => ({
  name, state, containerID: `containerd://${name}`, image: '', imageID: '', ready: false, restartCount: 0,
});
const ran = (name: string): ContainerStatus => reportedOf(name, { running: {} });
const ended = (name: string, exitCode: number): ContainerStatus => reportedOf(name, { terminated: { exitCode } });
const waits = (name: string): ContainerStatus => reportedOf(name, { waiting: { reason: 'ContainerCreating' } });

const lostCases: Case[] = [
  { promise: 'never runs again under Never what ran and was lost', pod: pod('Never'), reported: { containerStatuses: [ran('a'), ended('b', 0)] }, status: () => ({}), expected: { killPod: true } },
  { promise: 'starts under Never only what had not run before all was lost', pod: pod('Never'), reported: { containerStatuses: [ran('a'), waits('b')] }, status: () => ({}), expected: fresh(['b']) },
  { promise: 'runs again under OnFailure what ran and was lost, not what had succeeded', pod: pod('OnFailure'), reported: { containerStatuses: [ran('a'), ended('b', 0)] }, status: () => ({}), expected: fresh(['a']) },
  { promise: 'runs everything again under Always', reported: { containerStatuses: [ran('a'), ended('b', 0)] }, status: () => ({}), expected: fresh(['a', 'b']) },
  { promise: 'does not replace under Never a lost container in a sandbox that lives', pod: pod('Never'), reported: { containerStatuses: [ran('a'), ran('b')] }, status: (p) => ({ sandboxes: [sandboxOf(p)], containers: [containerOf(p, 'b')] }), expected: {} },
  { promise: 'ends under Never with an init container that was lost while it ran', pod: pod('Never', ['i1']), reported: { initContainerStatuses: [ran('i1')] }, status: () => ({}), expected: { killPod: true } },
  { promise: 'begins with the init containers again when all was lost', pod: pod('Always', ['i1']), reported: { initContainerStatuses: [ended('i1', 0)], containerStatuses: [ran('a'), ran('b')] }, status: () => ({}), expected: { killPod: true, createSandbox: true, attempt: 0, startInit: ['i1'] } },
];

const cases: Case[] = [
  ...lostCases,
  { promise: 'makes the sandbox and starts everything when nothing is there', status: () => ({}), expected: fresh(['a', 'b']) },
  {
    promise: 'does nothing when all runs',
    status: (p) => ({ sandboxes: [sandboxOf(p)], containers: [containerOf(p, 'a'), containerOf(p, 'b')] }),
    expected: {},
  },
  {
    promise: 'starts only the container that is missing',
    status: (p) => ({ sandboxes: [sandboxOf(p)], containers: [containerOf(p, 'a')] }),
    expected: { start: ['b'] },
  },
  {
    promise: 'restarts a container that exited with 0 under Always',
    status: (p) => ({ sandboxes: [sandboxOf(p)], containers: [exitedOf(p, 'a', 0), containerOf(p, 'b')] }),
    expected: { start: ['a'] },
  },
  {
    promise: 'restarts only the failed one under OnFailure',
    pod: pod('OnFailure'),
    status: (p) => ({ sandboxes: [sandboxOf(p)], containers: [exitedOf(p, 'a', 0), exitedOf(p, 'b', 1)] }),
    expected: { start: ['b'] },
  },
  {
    promise: 'restarts nothing under Never',
    pod: pod('Never'),
    status: (p) => ({ sandboxes: [sandboxOf(p)], containers: [exitedOf(p, 'a', 1), containerOf(p, 'b')] }),
    expected: {},
  },
  {
    promise: 'replaces a dead sandbox with the next attempt and restarts what ran in it',
    status: (p) => ({ sandboxes: [sandboxOf(p, { attempt: 2, state: 'SANDBOX_NOTREADY' })], containers: [containerOf(p, 'a'), exitedOf(p, 'b', 137)] }),
    expected: fresh(['a', 'b'], 3),
  },
  {
    promise: 'makes no new sandbox for a pod whose containers are done for good',
    pod: pod('Never'),
    status: (p) => ({ sandboxes: [sandboxOf(p, { state: 'SANDBOX_NOTREADY' })], containers: [exitedOf(p, 'a', 0), exitedOf(p, 'b', 1)] }),
    expected: { killPod: true },
  },
  {
    promise: 'treats a ready sandbox without an IP as dead',
    status: (p) => ({ sandboxes: [sandboxOf(p, { ip: '' })] }),
    expected: fresh(['a', 'b'], 1),
  },
  {
    promise: 'removes a container that was created and never started, and starts it at the same count',
    status: (p) => ({ sandboxes: [sandboxOf(p)], containers: [containerOf(p, 'a', { state: 'CONTAINER_CREATED' }), containerOf(p, 'b')] }),
    expected: { start: ['a'], remove: ['a-0'] },
  },
  {
    promise: 'kills and restarts a container whose image was changed',
    status: (p) => ({ sandboxes: [sandboxOf(p)], containers: [containerOf(p, 'a', { annotations: { 'io.kubernetes.container.hash': 'other' } }), containerOf(p, 'b')] }),
    expected: { kill: ['a-0'], start: ['a'] },
  },
  {
    promise: 'kills and restarts a container in unknown state',
    status: (p) => ({ sandboxes: [sandboxOf(p)], containers: [containerOf(p, 'a', { state: 'CONTAINER_UNKNOWN' }), containerOf(p, 'b')] }),
    expected: { kill: ['a-0'], start: ['a'] },
  },
  {
    promise: 'begins with the first init container',
    pod: pod('Always', ['i1', 'i2']),
    status: () => ({}),
    expected: { killPod: true, createSandbox: true, attempt: 0, startInit: ['i1'] },
  },
  {
    promise: 'waits for a running init container',
    pod: pod('Always', ['i1', 'i2']),
    status: (p) => ({ sandboxes: [sandboxOf(p)], containers: [containerOf(p, 'i1')] }),
    expected: {},
  },
  {
    promise: 'goes on with the next init container',
    pod: pod('Always', ['i1', 'i2']),
    status: (p) => ({ sandboxes: [sandboxOf(p)], containers: [exitedOf(p, 'i1', 0)] }),
    expected: { startInit: ['i2'] },
  },
  {
    promise: 'starts the app once all init containers have succeeded',
    pod: pod('Always', ['i1', 'i2']),
    status: (p) => ({ sandboxes: [sandboxOf(p)], containers: [exitedOf(p, 'i1', 0), exitedOf(p, 'i2', 0)] }),
    expected: { start: ['a', 'b'] },
  },
  {
    promise: 'runs every init container again in a fresh sandbox before the app',
    pod: pod('Always', ['i1', 'i2']),
    status: (p) => ({
      sandboxes: [sandboxOf(p, { attempt: 1 })],
      containers: [exitedOf(p, 'i1', 0, { attempt: 1, podSandboxId: 'sandbox-1' }), exitedOf(p, 'i1', 0), exitedOf(p, 'i2', 0), exitedOf(p, 'a', 137), exitedOf(p, 'b', 137)],
    }),
    expected: { startInit: ['i2'] },
  },
  {
    promise: 'runs a failed init container again',
    pod: pod('OnFailure', ['i1']),
    status: (p) => ({ sandboxes: [sandboxOf(p)], containers: [exitedOf(p, 'i1', 1)] }),
    expected: { startInit: ['i1'] },
  },
  {
    promise: 'ends with a failed init container under Never',
    pod: pod('Never', ['i1']),
    status: (p) => ({ sandboxes: [sandboxOf(p)], containers: [exitedOf(p, 'i1', 1)] }),
    expected: { killPod: true },
  },
];

const probing = (kind: string, id: string): ProbeResults => ({ get: (of, on) => (of === kind && on === id ? { result: 'Failure', message: '' } : undefined) });
const withSidecar = (restartPolicy: Policy): Pod => ({ ...pod(restartPolicy), spec: { ...pod(restartPolicy).spec, initContainers: [{ name: 's', restartPolicy: 'Always' }] } });
const inSandbox = (p: Pod, ...containers: RuntimeContainerStatus[]): Partial<PodRuntimeStatus> => ({ sandboxes: [sandboxOf(p)], containers });

const probeCases: (Case & { probes: ProbeResults; message: string })[] = [
  { promise: 'restarts a container that fails its liveness probe', status: (p) => inSandbox(p, containerOf(p, 'a'), containerOf(p, 'b')), probes: probing('liveness', 'a-0'), expected: { kill: ['a-0'], start: ['a'] }, message: 'Container a failed liveness probe, will be restarted' },
  { promise: 'restarts a container that fails its startup probe', status: (p) => inSandbox(p, containerOf(p, 'a'), containerOf(p, 'b')), probes: probing('startup', 'b-0'), expected: { kill: ['b-0'], start: ['b'] }, message: 'Container b failed startup probe, will be restarted' },
  { promise: 'ends a failing container for good under Never', pod: pod('Never'), status: (p) => inSandbox(p, containerOf(p, 'a'), containerOf(p, 'b')), probes: probing('liveness', 'a-0'), expected: { kill: ['a-0'] }, message: 'Container a failed liveness probe' },
];

describe('computePodActions', () => {
  it.each(probeCases)('$promise', ({ pod: own = pod(), status: of, probes, expected, message }) => {
    const actions = computePodActions(own, status(of(own)), {}, probes);
    expect(brief(actions)).toEqual(expected);
    expect(actions.kill[0]?.message).toBe(message);
  });

  it('ends the pod when nothing but sidecars is left to run', () => {
    const own = withSidecar('Never');
    const runtime = status(inSandbox(own, exitedOf(own, 'a', 0), exitedOf(own, 'b', 1), containerOf(own, 's')));
    expect(brief(computePodActions(own, runtime, {}, noProbeResults))).toEqual({ killPod: true });
  });

  it('does not bring a sidecar back that died while the pod ends', () => {
    const own = withSidecar('Never');
    const runtime = status(inSandbox(own, exitedOf(own, 'a', 0), exitedOf(own, 'b', 1), exitedOf(own, 's', 137)));
    expect(brief(computePodActions(own, runtime, {}, noProbeResults))).toEqual({ killPod: true });
  });

  it('starts an ephemeral container while the pod still initialises, and never again once it ran or was lost', () => {
    const base = pod('Always', ['i1']);
    const own = { ...base, spec: { ...base.spec, ephemeralContainers: [{ name: 'debug' }] } };
    const ephemeral = (containers: RuntimeContainerStatus[], reported: PodStatus = {}): string[] =>
      computePodActions(own, status(inSandbox(own, containerOf(own, 'i1'), ...containers)), reported, noProbeResults).startEphemeral.map(({ name }) => name);
    expect(ephemeral([])).toEqual(['debug']);
    expect(ephemeral([exitedOf(own, 'debug', 1)])).toEqual([]);
    expect(ephemeral([], { ephemeralContainerStatuses: [ran('debug')] })).toEqual([]);
  });

  it('takes the node\'s network for a sandbox that needs no address', () => {
    const own = pod();
    const runtime = status({ sandboxes: [sandboxOf(own, { ip: '', network: 'NODE' })], containers: [containerOf(own, 'a'), containerOf(own, 'b')] });
    expect(brief(computePodActions(own, runtime, {}, noProbeResults))).toEqual({});
  });

  it.each(cases)('$promise', ({ pod: own = pod(), status: of, reported = {}, expected }) => {
    expect(brief(computePodActions(own, status(of(own)), reported, noProbeResults))).toEqual(expected);
  });

  it('starts nothing of a pod that is marked as deleted', () => {
    const deleted = pod();
    deleted.metadata.deletionTimestamp = '2026-01-01T00:00:00Z';
    const actions = computePodActions(deleted, status({ sandboxes: [sandboxOf(deleted)], containers: [exitedOf(deleted, 'a', 1), containerOf(deleted, 'b')] }), {}, noProbeResults);
    expect(brief(actions)).toEqual({});
  });
});
