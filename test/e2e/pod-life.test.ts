import { containerOf, isRunning, mustSucceed, podUntil } from '@podling/deploy/observe';
import type { ContainerStatus, Pod } from '@podling/shared/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeNamespace, e2eRuntime, e2eWorld, eventsOf, openNamespace, soon, toolboxPod } from '../harness/e2e-cluster.ts';
import { KubectlUser, upstreamKubectls } from '../harness/upstream-kubectl.ts';

const world = e2eWorld('pod-life');
const image = 'podling.local/toolbox:1';
const shared = { name: 'shared', mountPath: '/shared' };
const sharedVolume = { volumes: [{ name: 'shared', emptyDir: {} }] };

/** A container that notes what it does in a file that all of its pod see. */
const noting = (name: string, script: string, parts: Record<string, unknown> = {}) => ({
  name, image, command: ['sh', '-c', `note() { echo "$1" >> /shared/notes; }; ${script}`], volumeMounts: [shared], ...parts,
});
const sidecar = (name: string, atEnd: string, parts: Record<string, unknown> = {}) =>
  noting(name, `trap 'note "${name} ends"; ${atEnd} exit 0' TERM; note "${name} starts"; touch /tmp/up; while true; do sleep 0.1; done`, { restartPolicy: 'Always', ...parts });
/** containerd's CRI takes the stop signal from the image alone. */
const stopSignal = e2eRuntime === 'cri' ? 'TERM' : 'USR1';
const endlessly = 'while true; do sleep 0.1; done';

const pods = [
  toolboxPod('sidecars', '', {
    spec: {
      ...sharedVolume,
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 20,
      initContainers: [
        sidecar('first', 'cat /shared/notes > /dev/termination-log;', { startupProbe: { exec: { command: ['test', '-e', '/tmp/up'] }, periodSeconds: 1 } }),
        noting('init', 'note "init runs"'),
        sidecar('last', ''),
      ],
      containers: [noting('job', 'note "job runs"; sleep 1; note "job ends"')],
    },
  }),
  toolboxPod('hooks', `trap 'echo stopped by USR1; exit 0' USR1; trap 'echo stopped by TERM; exit 0' TERM; ${endlessly}`, {
    spec: { os: { name: 'linux' }, terminationGracePeriodSeconds: 20 },
    container: {
      lifecycle: {
        postStart: { exec: { command: ['sh', '-c', 'echo started > /proc/1/fd/1'] } },
        preStop: { exec: { command: ['sh', '-c', 'echo asked to stop > /proc/1/fd/1; sleep 1; echo drained > /proc/1/fd/1'] } },
        stopSignal: 'SIGUSR1',
      },
    },
  }),
  toolboxPod('failing-hook', endlessly, { container: { lifecycle: { postStart: { exec: { command: ['sh', '-c', 'echo no such table; exit 3'] } } } } }),
  toolboxPod('messages', '', {
    spec: {
      restartPolicy: 'Never',
      containers: [
        { name: 'file', image, command: ['sh', '-c', 'echo -n out of cheese > /dev/termination-log; exit 1'] },
        { name: 'user', image, command: ['sh', '-c', 'echo -n also as a user > /tmp/last-words'], terminationMessagePath: '/tmp/last-words', securityContext: { runAsUser: 1000 } },
        { name: 'log', image, command: ['sh', '-c', 'echo all is lost >&2; exit 3'], terminationMessagePolicy: 'FallbackToLogsOnError' },
        { name: 'link', image, command: ['sh', '-c', 'rm -f /dev/termination-log; ln -sf /etc/passwd /dev/termination-log; true'] },
      ],
    },
  }),
  toolboxPod('deadline', endlessly, { spec: { activeDeadlineSeconds: 6 } }),
  toolboxPod('debugged', 'exec sleep 98765'),
  toolboxPod('crashing', 'exit 2'),
  toolboxPod('rules', '[ -e /shared/ran ] && exit 0; touch /shared/ran; exit 42', {
    spec: { ...sharedVolume, restartPolicy: 'Never' },
    container: { volumeMounts: [shared], restartPolicy: 'Never', restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }] },
  }),
];

const until = (name: string, what: string, look: (pod: Pod) => boolean): Promise<Pod> => podUntil(world, name, what, look, 60);
const over = (name: string): Promise<Pod> => until(name, 'its end', ({ status }) => status?.phase === 'Succeeded' || status?.phase === 'Failed');
const initOf = ({ status }: Pod, name: string): ContainerStatus | undefined => status?.initContainerStatuses?.find((container) => container.name === name);
const endOf = (status: ContainerStatus | undefined) => status?.state?.terminated;

beforeAll(async () => {
  await openNamespace(world);
  await mustSucceed(world.kubectl, ['apply', '-f', '-'], pods.map((pod) => JSON.stringify(pod)).join('\n---\n'));
});
afterAll(() => closeNamespace(world));

describe('sidecars on the node', () => {
  it('start before the job and one after the other, end after it in reverse, and do not keep the pod from completing', async () => {
    const pod = await over('sidecars');
    expect(pod.status?.phase).toBe('Succeeded');
    expect(endOf(initOf(pod, 'first'))?.message?.trim().split('\n')).toEqual([
      'first starts', 'init runs', 'last starts', 'job runs', 'job ends', 'last ends', 'first ends',
    ]);
    expect(endOf(initOf(pod, 'last'))?.exitCode).toBe(0);
  });
});

describe('hooks and the stop signal on the node', () => {
  it('come around the life of the process, within its grace period', async () => {
    await until('hooks', 'Running', isRunning);
    const path = `/api/v1/namespaces/${world.namespace}/pods/hooks/log`;
    const log = (await world.client.rest.stream({ path, query: { follow: true }, accept: '*/*', timeoutMs: 0 }))[Symbol.asyncIterator]();
    let said = Buffer.from((await log.next()).value ?? []).toString();
    const deleted = mustSucceed(world.kubectl, ['delete', 'pod', 'hooks']);
    for (let chunk = await log.next(); chunk.done !== true; chunk = await log.next()) said += Buffer.from(chunk.value).toString();
    expect(said.trim().split('\n')).toEqual(['started', 'asked to stop', 'drained', `stopped by ${stopSignal}`]);
    await deleted;
  });

  it('end the container when postStart fails, with what the hook said', async () => {
    const pod = await until('failing-hook', 'CrashLoopBackOff', (shown) => containerOf(shown).state?.waiting?.reason === 'CrashLoopBackOff');
    expect(containerOf(pod)).toMatchObject({ restartCount: expect.toSatisfy((count: number) => count > 0) as number, lastState: { terminated: { reason: 'Error' } } });
    await expect.poll(() => eventsOf(world, 'failing-hook', 'FailedPostStartHook'), soon).toEqual(['PostStartHook failed']);
  });
});

describe('termination messages on the node', () => {
  it('are taken from the file, or from the log of a failed container, and lead nowhere else', async () => {
    const pod = await over('messages');
    const messageOf = (name: string): string | undefined => endOf(containerOf(pod, name))?.message;
    expect(messageOf('file')).toBe('out of cheese');
    expect(messageOf('user')).toBe('also as a user');
    expect(messageOf('log')).toBe('all is lost\n');
    expect(messageOf('link')).toBeUndefined();
  });
});

describe('activeDeadlineSeconds on the node', () => {
  it('ends the pod, which says why', async () => {
    const { status } = await over('deadline');
    expect(status).toMatchObject({ phase: 'Failed', reason: 'DeadlineExceeded', message: 'Pod was active on the node longer than the specified deadline' });
    expect(status?.containerStatuses?.[0]?.state?.terminated).toBeDefined();
  });
});

describe('ephemeral containers on the node', () => {
  it('see the processes of their target and run once', async () => {
    await until('debugged', 'Running', isRunning);
    const user = new KubectlUser(upstreamKubectls.oldest, world.cluster.kubeconfigPath);
    user.inNamespace(world.namespace);
    try {
      await user.say('debug', 'debugged', '-c', 'look', '--image', image, '--target', 'main', '--profile', 'general', '--', 'sh', '-c', 'tr "\\0" " " < /proc/1/cmdline; exit 4');
    } finally {
      user.leave();
    }
    const lookOf = ({ status }: Pod) => status?.ephemeralContainerStatuses?.find(({ name }) => name === 'look');
    const pod = await until('debugged', 'the end of look', (shown) => endOf(lookOf(shown)) !== undefined);
    expect(lookOf(pod)).toMatchObject({ restartCount: 0, state: { terminated: { exitCode: 4 } } });
    expect(pod.status?.phase).toBe('Running');
    expect(await mustSucceed(world.kubectl, ['logs', 'debugged', '-c', 'look'])).toBe('sleep 98765 ');
  });
});

describe('restarts on the node', () => {
  it('come with a growing pause and say what the last end was', async () => {
    const pod = await until('crashing', 'CrashLoopBackOff', (shown) => containerOf(shown).state?.waiting?.reason === 'CrashLoopBackOff');
    const { state, lastState, restartCount } = containerOf(pod);
    expect(state?.waiting?.message).toMatch(/^back-off \d+s restarting failed container=main pod=crashing_pod-life\(/);
    expect(lastState?.terminated).toMatchObject({ exitCode: 2, reason: 'Error' });
    expect(restartCount).toBeGreaterThan(0);
  });

  it('follow the rules of the container over the policy of the pod', async () => {
    const pod = await over('rules');
    expect(pod.status?.phase).toBe('Succeeded');
    expect(containerOf(pod)).toMatchObject({ restartCount: 1, lastState: { terminated: { exitCode: 42 } } });
  });
});
