import type { Pod, PodStatus } from '@podling/shared/api';
import { noProbeResults } from '../runtime/probe-results.ts';
import { describe, expect, it } from 'vitest';
import type { PodRuntimeStatus } from '../runtime/runtime.ts';
import { containerOf, exitedOf, podOf, sandboxOf, uid } from '../testing/runtime-objects.ts';
import { figuresWith } from '../testing/figures.ts';
import { generatePodStatus, type GenerateInput } from './generate.ts';

const nowMs = Date.UTC(2026, 0, 1, 12);

function generate(pod: Pod, runtime: Partial<PodRuntimeStatus>, parts: Partial<GenerateInput> = {}): PodStatus {
  return generatePodStatus({
    pod,
    runtime: { uid, sandboxes: [], containers: [], ...runtime },
    waiting: new Map(),
    known: {},
    hostIPs: ['192.168.0.1'],
    probes: noProbeResults,
    figures: figuresWith(),
    nowMs,
    ...parts,
  });
}

const condition = (status: PodStatus, type: string) => status.conditions?.find((candidate) => candidate.type === type);
const web = (): Pod => podOf([{ name: 'web' }]);

describe('generatePodStatus', () => {
  it('is Pending and ContainerCreating before anything was made', () => {
    const status = generate(web(), {});
    expect(status.phase).toBe('Pending');
    expect(status.containerStatuses?.[0]).toMatchObject({ state: { waiting: { reason: 'ContainerCreating' } }, ready: false, restartCount: 0, started: false });
    expect(condition(status, 'ContainersReady')).toMatchObject({ status: 'False', reason: 'ContainersNotReady', message: 'containers with unready status: [web]' });
    expect(condition(status, 'PodScheduled')?.status).toBe('True');
  });

  it('reports no containers of a pod that the kubelet refused', () => {
    const known = { phase: 'Failed', reason: 'OutOfcpu', message: 'Pod was rejected' } as const;
    expect(generate(web(), {}, { known })).toMatchObject({ phase: 'Failed', reason: 'OutOfcpu' });
    expect(generate(web(), {}, { known })).not.toHaveProperty('containerStatuses');
  });

  it('is Running with addresses, ids and times', () => {
    const pod = web();
    const status = generate(pod, { sandboxes: [sandboxOf(pod)], containers: [containerOf(pod, 'web')] });
    expect(status).toMatchObject({ phase: 'Running', podIP: '10.0.0.2', podIPs: [{ ip: '10.0.0.2' }], hostIP: '192.168.0.1', hostIPs: [{ ip: '192.168.0.1' }], qosClass: 'BestEffort', startTime: '2026-01-01T12:00:00Z' });
    expect(status.containerStatuses?.[0]).toMatchObject({ containerID: 'containerd://web-0', imageID: 'sha256:1', ready: true, started: true, state: { running: { startedAt: '1970-01-01T00:00:02Z' } } });
    expect(status.conditions?.map(({ type, status: value }) => `${type}=${value}`)).toEqual([
      'PodReadyToStartContainers=True', 'Initialized=True', 'Ready=True', 'ContainersReady=True', 'PodScheduled=True',
    ]);
  });

  it('shows a crash loop with the last end in lastState and stays Running', () => {
    const pod = web();
    const waiting = new Map([['web', { reason: 'CrashLoopBackOff', message: 'back-off 10s' }]]);
    const status = generate(pod, { sandboxes: [sandboxOf(pod)], containers: [exitedOf(pod, 'web', 1, { attempt: 2 })] }, { waiting });
    expect(status.phase).toBe('Running');
    expect(status.containerStatuses?.[0]).toMatchObject({
      restartCount: 2,
      ready: false,
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { exitCode: 1, reason: 'Error', containerID: 'containerd://web-2' } },
    });
  });

  it('stays Pending while an image cannot be pulled', () => {
    const waiting = new Map([['web', { reason: 'ImagePullBackOff', message: 'Back-off pulling image "x"' }]]);
    const status = generate(web(), {}, { waiting });
    expect(status.phase).toBe('Pending');
    expect(status.containerStatuses?.[0]?.state).toEqual({ waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image "x"' } });
  });

  it('keeps the previous end in lastState after a restart', () => {
    const pod = web();
    const oom = exitedOf(pod, 'web', 137, { reason: 'OOMKilled' });
    const status = generate(pod, { sandboxes: [sandboxOf(pod)], containers: [containerOf(pod, 'web', { attempt: 1 }), oom] });
    expect(status.containerStatuses?.[0]).toMatchObject({ restartCount: 1, state: { running: {} }, lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } } });
  });

  it.each([
    ['Never', [0, 0], 'Succeeded'],
    ['Never', [0, 1], 'Failed'],
    ['OnFailure', [0, 0], 'Succeeded'],
    ['OnFailure', [0, 1], 'Running'],
    ['Always', [0, 0], 'Running'],
  ] as const)('under %s with exits %j the phase is %s', (restartPolicy, [first, second], phase) => {
    const pod = podOf([{ name: 'a' }, { name: 'b' }], { restartPolicy });
    const status = generate(pod, { sandboxes: [sandboxOf(pod)], containers: [exitedOf(pod, 'a', first), exitedOf(pod, 'b', second)] });
    expect(status.phase).toBe(phase);
  });

  it('is Pending while one of two containers still waits', () => {
    const pod = podOf([{ name: 'a' }, { name: 'b' }]);
    expect(generate(pod, { sandboxes: [sandboxOf(pod)], containers: [containerOf(pod, 'a')] }).phase).toBe('Pending');
  });

  it('shows app containers as PodInitializing until init containers have succeeded', () => {
    const pod = podOf([{ name: 'web' }], { initContainers: [{ name: 'init', image: 'x' }] });
    const status = generate(pod, { sandboxes: [sandboxOf(pod)], containers: [containerOf(pod, 'init')] });
    expect(status.phase).toBe('Pending');
    expect(status.containerStatuses?.[0]?.state).toEqual({ waiting: { reason: 'PodInitializing' } });
    expect(condition(status, 'Initialized')).toMatchObject({ status: 'False', reason: 'ContainersNotInitialized' });
  });

  const sidecars: NonNullable<Pod['spec']['initContainers']> = [{ name: 's', restartPolicy: 'Always' }];
  it.each([
    ['runs', (p: Pod) => [containerOf(p, 's'), containerOf(p, 'web')], 'Running'],
    ['still runs after the app', (p: Pod) => [containerOf(p, 's'), exitedOf(p, 'web', 0)], 'Running'],
    ['has failed after the app has succeeded', (p: Pod) => [exitedOf(p, 's', 137), exitedOf(p, 'web', 0)], 'Succeeded'],
    ['has succeeded after the app has failed', (p: Pod) => [exitedOf(p, 's', 0), exitedOf(p, 'web', 1)], 'Failed'],
    ['restarts beside the app', (p: Pod) => [exitedOf(p, 's', 1), containerOf(p, 'web')], 'Running'],
    ['runs before the app', (p: Pod) => [containerOf(p, 's')], 'Pending'],
  ])('with a sidecar that %s the phase is right', (_, containers, phase) => {
    const pod = podOf([{ name: 'web' }], { restartPolicy: 'Never', initContainers: sidecars });
    expect(generate(pod, { sandboxes: [sandboxOf(pod)], containers: containers(pod) }).phase).toBe(phase);
  });

  it.each([
    [undefined, undefined, { started: false, ready: false }],
    ['Success', undefined, { started: true, ready: false }],
    ['Success', 'Success', { started: true, ready: true }],
    ['Failure', 'Success', { started: false, ready: false }],
    ['Success', 'Failure', { started: true, ready: false }],
  ] as const)('with a startup probe that says %s and a readiness probe that says %s it is %j', (startup, readiness, expected) => {
    const probe = { exec: { command: ['true'] } };
    const pod = podOf([{ name: 'web', startupProbe: probe, readinessProbe: probe }]);
    const said = { startup, readiness, liveness: undefined };
    const probes = { get: (kind: keyof typeof said) => (said[kind] ? { result: said[kind], message: '' } : undefined) };
    expect(generate(pod, { sandboxes: [sandboxOf(pod)], containers: [containerOf(pod, 'web')] }, { probes }).containerStatuses?.[0]).toMatchObject(expected);
  });

  it('keeps what was reported of a run until the probes of a new kubelet have decided, and nothing of an earlier run', () => {
    const probe = { exec: { command: ['true'] } };
    const pod = podOf([{ name: 'web', startupProbe: probe, readinessProbe: probe }]);
    const of = (attempt: number) => ({ sandboxes: [sandboxOf(pod)], containers: [containerOf(pod, 'web', { attempt })] });
    const ready = generate(pod, of(0), { probes: { get: () => ({ result: 'Success', message: '' }) } });
    expect(generate(pod, of(0), { known: ready }).containerStatuses?.[0]).toMatchObject({ started: true, ready: true });
    expect(generate(pod, of(1), { known: ready }).containerStatuses?.[0]).toMatchObject({ started: false, ready: false });
  });

  it('takes an init container that the runtime has forgotten for done once the app was started', () => {
    const pod = podOf([{ name: 'web' }], { initContainers: [{ name: 'init' }, ...sidecars] });
    const [init, sidecar] = generate(pod, { sandboxes: [sandboxOf(pod)], containers: [containerOf(pod, 'web')] }).initContainerStatuses ?? [];
    expect(init).toMatchObject({ ready: true, state: { terminated: { exitCode: 0, reason: 'Completed' } } });
    expect(sidecar).toMatchObject({ ready: false, state: { waiting: { reason: 'PodInitializing' } } });
  });

  it('says of which generation it speaks', () => {
    const pod = web();
    pod.metadata.generation = 7;
    const status = generate(pod, {});
    expect(status.observedGeneration).toBe(7);
    expect(new Set(status.conditions?.map(({ observedGeneration }) => observedGeneration))).toEqual(new Set([7]));
  });

  it('gives a pod on the network of the node the addresses of the node', () => {
    const pod = web();
    expect(generate(pod, { sandboxes: [sandboxOf(pod, { ip: '', network: 'NODE' })] })).toMatchObject({ podIP: '192.168.0.1', podIPs: [{ ip: '192.168.0.1' }] });
    pod.spec.hostNetwork = true;
    expect(generate(pod, {})).toMatchObject({ podIP: '192.168.0.1', podIPs: [{ ip: '192.168.0.1' }] });
  });

  it('never leaves a terminal phase', () => {
    const pod = web();
    const status = generate(pod, { sandboxes: [sandboxOf(pod)], containers: [containerOf(pod, 'web')] }, { known: { phase: 'Failed', reason: 'OutOfpods' } });
    expect(status).toMatchObject({ phase: 'Failed', reason: 'OutOfpods' });
  });

  it('keeps what was last reported of containers the runtime has forgotten', () => {
    const pod = podOf([{ name: 'web' }], { restartPolicy: 'Never' });
    const known = generate(pod, { sandboxes: [sandboxOf(pod)], containers: [exitedOf(pod, 'web', 3)] });
    const status = generate(pod, {}, { known, terminal: true });
    expect(status.phase).toBe('Failed');
    expect(status.containerStatuses?.[0]?.state?.terminated?.exitCode).toBe(3);
  });

  it('marks a running container that vanished as unknown when the pod ends', () => {
    const pod = web();
    const known = generate(pod, { sandboxes: [sandboxOf(pod)], containers: [containerOf(pod, 'web')] });
    const status = generate(pod, {}, { known, terminal: true });
    expect(status.containerStatuses?.[0]?.state?.terminated).toMatchObject({ exitCode: 137, reason: 'ContainerStatusUnknown' });
  });

  it.each([
    ['Never', [undefined, 0], 'Failed', ['terminated', 'terminated']],
    ['Never', [0, 0], 'Succeeded', ['terminated', 'terminated']],
    ['OnFailure', [0, 0], 'Succeeded', ['terminated', 'terminated']],
    ['OnFailure', [undefined, 0], 'Running', ['waiting', 'terminated']],
    ['Always', [undefined, 0], 'Running', ['waiting', 'waiting']],
  ] as const)('under %s a pod that was lost after exits %j is %s', (restartPolicy, exits, phase, states) => {
    const pod = podOf([{ name: 'a' }, { name: 'b' }], { restartPolicy });
    const containers = exits.map((code, index) => (code === undefined ? containerOf(pod, 'ab'.charAt(index)) : exitedOf(pod, 'ab'.charAt(index), code)));
    const known: PodStatus = { ...generate(pod, { sandboxes: [sandboxOf(pod)], containers }), phase: 'Running' };
    const status = generate(pod, {}, { known });
    expect(status.phase).toBe(phase);
    expect(status.containerStatuses?.map(({ state }) => Object.keys(state ?? {})[0])).toEqual(states);
  });

  it('keeps through the restart what became of a container that was lost', () => {
    const pod = web();
    const known = generate(pod, { sandboxes: [sandboxOf(pod)], containers: [containerOf(pod, 'web')] });
    const lost = generate(pod, {}, { known });
    const again = generate(pod, { sandboxes: [sandboxOf(pod)], containers: [containerOf(pod, 'web', { attempt: 1 })] }, { known: lost });
    const lastState = { terminated: { exitCode: 137, reason: 'ContainerStatusUnknown', message: 'The container could not be located when the pod was terminated', containerID: 'containerd://web-0' } };
    expect(lost.containerStatuses?.[0]).toMatchObject({ state: { waiting: {} }, lastState, restartCount: 0 });
    expect(again.containerStatuses?.[0]).toMatchObject({ state: { running: {} }, lastState, restartCount: 1 });
  });

  it('moves a transition time only with its status', () => {
    const pod = web();
    const known = generate(pod, {});
    const later = generate(pod, { sandboxes: [sandboxOf(pod)], containers: [containerOf(pod, 'web')] }, { known, nowMs: nowMs + 5000 });
    expect(condition(later, 'Ready')?.lastTransitionTime).toBe('2026-01-01T12:00:05Z');
    expect(condition(later, 'PodScheduled')?.lastTransitionTime).toBe('2026-01-01T12:00:00Z');
    expect(later.startTime).toBe('2026-01-01T12:00:00Z');
  });

  it("leaves other writers' conditions alone", () => {
    const known: PodStatus = { conditions: [{ type: 'DisruptionTarget', status: 'True' }] };
    expect(condition(generate(web(), {}, { known }), 'DisruptionTarget')?.status).toBe('True');
  });
});
