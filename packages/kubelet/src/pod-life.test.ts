import { writeFile } from 'node:fs/promises';
import type { Container, ContainerStatus, Pod } from '@podling/shared/api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from './testing/eventually.ts';
import { image, KubeletBench } from './testing/kubelet-bench.ts';
import { tempDir } from './testing/temp-dir.ts';

type Options = NonNullable<ConstructorParameters<typeof KubeletBench>[1]>;
type Behaviour = ReturnType<NonNullable<Options['behaviour']>>;

let root: string;
let bench: KubeletBench;

beforeEach(async () => {
  root = await tempDir();
  bench = new KubeletBench(root);
});

afterEach(() => bench.stop());

/** By container name. */
function behaving(behaviours: Record<string, Behaviour>, options: Options = {}): void {
  bench = new KubeletBench(root, { ...options, behaviour: ({ metadata }) => behaviours[metadata.name] });
}

const container = (name: string, parts: Partial<Container> = {}): Container => ({ name, image, ...parts });
const sidecar = (name: string, parts: Partial<Container> = {}): Container => container(name, { restartPolicy: 'Always', ...parts });

async function runningNames(): Promise<string[]> {
  return (await bench.runtime.listContainers({ state: 'CONTAINER_RUNNING' })).map(({ metadata }) => metadata.name).sort();
}

async function end(name: string, exitCode: number): Promise<void> {
  const found = (await bench.runtime.listContainers({ state: 'CONTAINER_RUNNING' })).find(({ metadata }) => metadata.name === name);
  bench.runtime.exitContainer(found?.id ?? '', exitCode);
}

function statusOf(name: string): ContainerStatus | undefined {
  const { containerStatuses = [], initContainerStatuses = [], ephemeralContainerStatuses = [] } = bench.pod().status ?? {};
  return [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses].find((status) => status.name === name);
}

const condition = (type: string) => bench.pod().status?.conditions?.find((each) => each.type === type);

async function gone(stepMs = 500): Promise<void> {
  await bench.within(stepMs, () => expect(bench.server.pods.get('default/web')).toBeUndefined());
  expect(await bench.runtime.listContainers()).toEqual([]);
  expect(await bench.runtime.listPodSandboxes()).toEqual([]);
}

describe('sidecars', () => {
  const initContainers = [sidecar('first'), container('init'), sidecar('last')];

  it('start in their turn, run beside the app, come back whatever the policy, and end with the pod', async () => {
    await bench.start();
    bench.put({ restartPolicy: 'Never', initContainers });
    await eventually(async () => expect(await runningNames()).toEqual(['first', 'init']));
    expect(condition('Initialized')).toMatchObject({ status: 'False', message: 'containers with incomplete status: [init last]' });
    await end('init', 0);
    await eventually(async () => expect(await runningNames()).toEqual(['first', 'last', 'web']));
    await eventually(() => expect(bench.pod().status?.phase).toBe('Running'));
    await eventually(() => expect(condition('Ready')?.status).toBe('True'));
    await end('first', 0);
    await eventually(() => expect(statusOf('first')).toMatchObject({ restartCount: 1, ready: true, state: { running: {} } }));
    await end('web', 0);
    await eventually(() => expect(bench.pod().status?.phase).toBe('Succeeded'));
    expect(await runningNames()).toEqual([]);
    expect(statusOf('last')?.state?.terminated?.exitCode).toBe(143);
    expect(condition('Initialized')).toMatchObject({ status: 'True', reason: 'PodCompleted' });
  });

  it('are asked to end after the app, the last first, within the grace period of the pod', async () => {
    behaving({ web: { ignoresStopSignal: true }, last: { ignoresStopSignal: true } });
    await bench.start();
    bench.put({ initContainers: [sidecar('first'), sidecar('last')] });
    await bench.running();
    bench.markDeleted();
    await bench.clock.advance(4_900);
    expect(await runningNames()).toEqual(['first', 'last', 'web']);
    await bench.clock.advance(200);
    await eventually(async () => expect(await runningNames()).toEqual(['last']));
    await gone();
  });
});

describe('a container that cannot be started', () => {
  it('says why, and is tried again as after a crash', async () => {
    behaving({ web: { startError: 'exec: "nope": not found' } }, { delaysMs: { createContainer: 1_000 } });
    await bench.start();
    bench.put();
    await bench.within(500, () => expect(bench.web()).toMatchObject({ state: { waiting: { reason: 'RunContainerError', message: 'exec: "nope": not found' } }, lastState: { terminated: { exitCode: 128, reason: 'StartError' } } }));
    expect(bench.events('Created')).toEqual(['Container created']);
    expect(bench.events('Failed')).toEqual(['Error: exec: "nope": not found']);
    await bench.within(500, () => expect(bench.web()).toMatchObject({ restartCount: 1, state: { waiting: { reason: 'CrashLoopBackOff' } } }));
  });
});

describe('postStart', () => {
  it('that fails ends the container, which says why and is restarted with back-off', async () => {
    behaving({ web: { exec: () => ({ exitCode: 3, stderr: 'no way' }) } }, { delaysMs: { createContainer: 1_000 } });
    await bench.start();
    bench.put({ containers: [container('web', { lifecycle: { postStart: { exec: { command: ['warm-up'] } } } })] });
    await bench.within(500, () => expect(bench.web().state?.waiting).toMatchObject({ reason: 'PostStartHookError', message: expect.stringContaining('no way') as string }));
    await bench.within(500, () => expect(bench.web().state?.waiting?.reason).toBe('CrashLoopBackOff'));
    expect(bench.events('FailedPostStartHook')).toContain('PostStartHook failed');
    expect(bench.events('Killing')).toContain('FailedPostStartHook');
    expect(bench.web()).toMatchObject({ restartCount: 1, lastState: { terminated: { exitCode: 143 } } });
  });

  it('keeps the container from being Running until it is done, and goes with a deleted pod', async () => {
    await bench.start();
    bench.put({ containers: [container('web', { lifecycle: { postStart: { sleep: { seconds: 60 } } } })] });
    await eventually(async () => expect(await runningNames()).toEqual(['web']));
    await bench.clock.advance(10_000);
    expect(bench.pod().status).toMatchObject({ phase: 'Pending', containerStatuses: [{ ready: false, state: { waiting: { reason: 'ContainerCreating' } } }] });
    bench.markDeleted();
    await eventually(() => expect(bench.server.pods.get('default/web')).toBeUndefined());
    expect(bench.events('FailedPostStartHook')).toEqual([]);
  });
});

describe('preStop', () => {
  const preStop = (seconds: number): Partial<Pod['spec']> => ({ containers: [container('web', { lifecycle: { preStop: { sleep: { seconds } } } })] });

  it('runs before the stop signal and within the grace period', async () => {
    behaving({ web: { ignoresStopSignal: true } });
    await bench.start();
    bench.put(preStop(3));
    await bench.running();
    bench.markDeleted();
    await bench.clock.advance(4_900);
    expect(await runningNames()).toEqual(['web']);
    await bench.clock.advance(100);
    await eventually(async () => expect(await runningNames()).toEqual([]));
    expect(bench.events('FailedPreStopHook')).toEqual([]);
  });

  it('that takes all of it leaves the process two seconds', async () => {
    behaving({ web: { ignoresStopSignal: true } });
    await bench.start();
    bench.put(preStop(60));
    await bench.running();
    bench.markDeleted();
    await bench.clock.advance(6_900);
    expect(await runningNames()).toEqual(['web']);
    await bench.clock.advance(100);
    await gone();
  });

  it('that fails is told and stops nobody', async () => {
    behaving({ web: { exec: () => ({ exitCode: 1 }) } });
    await bench.start();
    bench.put({ containers: [container('web', { lifecycle: { preStop: { exec: { command: ['drain'] } } } })] });
    await bench.running();
    bench.markDeleted();
    await gone();
    expect(bench.events('FailedPreStopHook')).toEqual(['PreStopHook failed']);
  });
});

describe('activeDeadlineSeconds', () => {
  it('ends the pod in time, says so once nothing runs, and counts over a restart of the kubelet', async () => {
    behaving({ web: { ignoresStopSignal: true } });
    const first = await bench.start();
    bench.put({ activeDeadlineSeconds: 60 });
    await bench.running();
    await bench.clock.advance(40_000);
    await first.stop();
    await bench.start();
    await bench.clock.advance(19_900);
    expect(bench.events('DeadlineExceeded')).toEqual([]);
    await bench.clock.advance(200);
    await eventually(() => expect(bench.events('DeadlineExceeded')).toEqual(['Pod was active on the node longer than the specified deadline']));
    expect(bench.pod().status?.phase).toBe('Running');
    await bench.within(500, () => expect(bench.pod().status).toMatchObject({ phase: 'Failed', reason: 'DeadlineExceeded', message: 'Pod was active on the node longer than the specified deadline' }));
    expect(condition('Ready')).toMatchObject({ status: 'False', reason: 'PodFailed' });
    expect(await runningNames()).toEqual([]);
  });

  it('does not wait for an image', async () => {
    behaving({}, { delaysMs: { pullImage: 3_600_000 } });
    await bench.start();
    bench.put({ activeDeadlineSeconds: 30, containers: [container('web', { image: 'podling.local/slow:1', imagePullPolicy: 'Always' })] });
    await bench.within(5_000, () => expect(bench.pod().status).toMatchObject({ phase: 'Failed', reason: 'DeadlineExceeded' }));
    await eventually(() => expect(bench.web().state?.terminated).toMatchObject({ exitCode: 137, reason: 'ContainerStatusUnknown' }));
  });
});

describe('ephemeral containers', () => {
  it('are started once into a running pod, see their target, and do not count for its phase', async () => {
    await bench.start();
    const pod = bench.put();
    await bench.running();
    const targetId = bench.id();
    bench.server.pods.put({ ...bench.pod(), spec: { ...pod.spec, ephemeralContainers: [{ name: 'debug', image, targetContainerName: 'web' }] } });
    await eventually(() => expect(statusOf('debug')?.state?.running).toBeDefined());
    const id = statusOf('debug')?.containerID?.replace('containerd://', '') ?? '';
    expect(bench.runtime.containerConfig(id).securityContext?.pid).toEqual({ mode: 'TARGET', targetId });
    await end('debug', 1);
    await eventually(() => expect(statusOf('debug')).toMatchObject({ restartCount: 0, ready: false, state: { terminated: { exitCode: 1 } } }));
    await bench.clock.advance(60_000);
    expect(bench.pod().status).toMatchObject({ phase: 'Running', ephemeralContainerStatuses: [{ restartCount: 0 }] });
    expect(await runningNames()).toEqual(['web']);
    expect(condition('Ready')?.status).toBe('True');
  });
});

describe('liveness', () => {
  it('that fails restarts the container with the grace period of its probe', async () => {
    let healthy = false;
    behaving({ web: { ignoresStopSignal: true, exec: () => ({ exitCode: healthy ? 0 : 1 }) } });
    await bench.start();
    const livenessProbe = { exec: { command: ['check'] }, periodSeconds: 1, failureThreshold: 1, terminationGracePeriodSeconds: 3 };
    bench.put({ terminationGracePeriodSeconds: 300, containers: [container('web', { livenessProbe })] });
    await bench.running();
    await bench.within(200, () => expect(bench.events('Killing')).toEqual(['Container web failed liveness probe, will be restarted']));
    healthy = true;
    const killedAtMs = bench.clock.now();
    await bench.within(200, () => expect(bench.web()).toMatchObject({ restartCount: 1, state: { running: {} }, lastState: { terminated: { exitCode: 137 } } }));
    expect(bench.clock.now() - killedAtMs).toBeLessThan(5_000);
  });
});

describe('a spec that changes', () => {
  it('restarts a container whose image it changes, and none for labels', async () => {
    await bench.start();
    const { spec } = bench.put();
    await bench.running();
    bench.runtime.addImage('podling.local/toolbox:2');
    bench.server.pods.put({ ...bench.pod(), metadata: { ...bench.pod().metadata, labels: { a: 'b' } }, spec: { ...spec, containers: [container('web', { image: 'podling.local/toolbox:2' })] } });
    await eventually(() => expect(bench.web()).toMatchObject({ restartCount: 1, image: 'podling.local/toolbox:2', state: { running: {} } }));
    expect(bench.events('Killing')).toEqual(['Container web definition changed, will be restarted']);
    bench.server.pods.put({ ...bench.pod(), metadata: { ...bench.pod().metadata, labels: { a: 'c' } } });
    await bench.clock.advance(1_000);
    expect(bench.web().restartCount).toBe(1);
  });
});

describe('readiness gates', () => {
  it('hold back Ready, not ContainersReady, until others say so', async () => {
    await bench.start();
    bench.put({ readinessGates: [{ conditionType: 'example.com/lb' }] });
    await bench.running();
    const message = 'corresponding condition of pod readiness gate "example.com/lb" does not exist.';
    await eventually(() => expect(condition('Ready')).toMatchObject({ status: 'False', reason: 'ReadinessGatesNotReady', message }));
    expect(condition('ContainersReady')?.status).toBe('True');
    const pod = bench.pod();
    bench.server.pods.put({ ...pod, status: { ...pod.status, conditions: [...(pod.status?.conditions ?? []), { type: 'example.com/lb', status: 'True' }] } });
    await bench.within(500, () => expect(condition('Ready')?.status).toBe('True'));
  });
});

describe('termination messages', () => {
  it('are told with the end of the container, also by a new kubelet', async () => {
    const first = await bench.start();
    bench.put({ restartPolicy: 'Never', containers: [container('web', { terminationMessagePath: '/dev/termination-log' })] });
    await bench.running();
    const file = bench.runtime.containerConfig(bench.id()).mounts.find(({ containerPath }) => containerPath === '/dev/termination-log')?.hostPath ?? '';
    await writeFile(file, 'out of cheese');
    await first.stop();
    bench.runtime.exitContainer(bench.id(), 1);
    await bench.start();
    await eventually(() => expect(bench.web().state?.terminated).toMatchObject({ exitCode: 1, message: 'out of cheese' }));
  });
});

describe('deletion', () => {
  const moments = ['pullImage', 'runPodSandbox', 'createContainer', 'startContainer'] as const;

  it.each(moments)('during %s starts nothing any more and leaves nothing', async (moment) => {
    behaving({}, { delaysMs: { [moment]: 10_000 } });
    await bench.start();
    bench.put({ initContainers: [container('init', moment === 'pullImage' ? { image: 'podling.local/slow:1', imagePullPolicy: 'Always' } : {})] });
    await bench.clock.advance(5_000);
    bench.markDeleted();
    const started = bench.events('Started').length;
    await gone(1_000);
    expect(bench.events('Started').length - started).toBeLessThanOrEqual(moment === 'startContainer' ? 1 : 0);
    expect(bench.events('Started').length).toBeLessThanOrEqual(1);
  });

  it('while a container waits for its next run ends the pod at once', async () => {
    behaving({ web: { exitAfterMs: 0, exitCode: 1 } });
    await bench.start();
    bench.put();
    await bench.within(100, () => expect(bench.web().state?.waiting?.reason).toBe('CrashLoopBackOff'));
    bench.markDeleted();
    await eventually(() => expect(bench.server.pods.get('default/web')).toBeUndefined());
  });

  it.each(moments.slice(1))('of the kubelet during %s leaves one container of each name to the next kubelet', async (moment) => {
    behaving({}, { delaysMs: { [moment]: 10_000 } });
    const first = await bench.start();
    bench.put();
    await bench.clock.advance(5_000);
    let stopped = false;
    void first.stop().then(() => (stopped = true));
    await bench.within(500, () => expect(stopped).toBe(true));
    await bench.start();
    await bench.within(1_000, () => expect(bench.pod().status?.phase).toBe('Running'));
    await bench.clock.advance(30_000);
    expect(await runningNames()).toEqual(['web']);
    expect(await bench.runtime.listPodSandboxes({ state: 'SANDBOX_READY' })).toHaveLength(1);
  });
});
