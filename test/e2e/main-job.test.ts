import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { containerOf, cpuPercent, isRunning, mustSucceed, nodeOf, pidOf, podUntil, waitUntil } from '@podling/deploy/observe';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { applyPod, closeNamespace, deletePods, e2eWorld, eventsOf, example, openNamespace, soon, toolboxPod } from '../harness/e2e-cluster.ts';
import { nodeContainers } from '../harness/node-containers.ts';

const world = e2eWorld('main-job');
const pods = world.client.pods(world.namespace);
const logs = (name: string, ...args: string[]): Promise<string> => mustSucceed(world.kubectl, ['logs', name, ...args]);
const succeeded = (name: string) => podUntil(world, name, 'Succeeded', (pod) => pod.status?.phase === 'Succeeded');

beforeAll(() => openNamespace(world));
afterEach(() => deletePods(world));
afterAll(() => closeNamespace(world));

describe('a pod from YAML to running', () => {
  it('[M1] [M2] [M3] is stored, bound, started and reported with a complete status', async () => {
    await applyPod(world, toolboxPod('first', 'echo ready; sleep 1000', { container: { resources: { requests: { cpu: '50m', memory: '16Mi' } } } }));
    const pod = await podUntil(world, 'first', 'Running', isRunning);
    const status = pod.status;
    expect(status).toMatchObject({ phase: 'Running', hostIP: nodeOf(world, pod).ip, qosClass: 'Burstable' });
    expect(status?.podIP).toMatch(/^10\./);
    expect(Object.fromEntries((status?.conditions ?? []).map(({ type, status: value }) => [type, value]))).toMatchObject({
      PodScheduled: 'True',
      Initialized: 'True',
      ContainersReady: 'True',
      Ready: 'True',
    });
    expect(containerOf(pod)).toMatchObject({ ready: true, started: true, restartCount: 0, image: 'podling.local/toolbox:1' });
    expect(containerOf(pod).containerID).toMatch(/^containerd:\/\/.+/);
    expect(containerOf(pod).imageID).toContain('sha256:');
    expect(status?.startTime).toBeDefined();
    expect(await logs('first')).toBe('ready');
  });

  it('[A2] finds all containers of a pod by label and removes task, container and sandbox on delete', async () => {
    await applyPod(world, toolboxPod('gone', 'sleep 1000'));
    const pod = await podUntil(world, 'gone', 'Running', isRunning);
    const node = nodeOf(world, pod);
    const mine = async () => (await nodeContainers(node)).filter(({ labels }) => labels['io.kubernetes.pod.uid'] === pod.metadata.uid);
    expect(await mine()).toHaveLength(2);
    await mustSucceed(world.kubectl, ['delete', 'pod', 'gone']);
    expect(await mine()).toEqual([]);
  });

  it('[A3] obeys command, args, env, working directory, mounts, memory and cpu settings', async () => {
    await applyPod(world, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'settings' },
      spec: {
        restartPolicy: 'Never',
        volumes: [{ name: 'scratch', emptyDir: {} }, { name: 'os', hostPath: { path: '/usr/lib/os-release', type: 'File' } }],
        containers: [
          {
            name: 'main',
            image: 'podling.local/toolbox:1',
            command: ['sh', '-c'],
            args: ['echo "$GREETING $PWD $(hostname)"; head -1 /os; (echo x > /os) 2>/dev/null || echo read-only; echo y > /scratch/f && cat /scratch/f'],
            workingDir: '/var/log',
            env: [{ name: 'NAME', value: 'world' }, { name: 'GREETING', value: 'hello $(NAME)' }],
            volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }, { name: 'os', mountPath: '/os', readOnly: true }],
            resources: { limits: { memory: '30Mi', cpu: '250m' } },
          },
        ],
      },
    });
    await succeeded('settings');
    const lines = (await logs('settings')).split('\n');
    expect(lines[0]).toBe('hello world /var/log settings');
    expect(lines).toContain('read-only');
    expect(lines.at(-1)).toBe('y');
  });

  it.each([
    ['30Mi', 30 * 1024 * 1024],
    ['1Gi', 1024 ** 3],
    ['128M', 128_000_000],
    ['67108864', 67_108_864],
  ])('[A3] limits memory given as %s', async (memory, bytes) => {
    await applyPod(world, toolboxPod('limited', 'sleep 1000', { container: { resources: { limits: { memory, cpu: '250m' } } } }));
    const pid = await pidOf(world, await podUntil(world, 'limited', 'Running', isRunning));
    const cgroups = readFileSync(`/proc/${pid}/cgroup`, 'utf8');
    const path = (controller: string): string => /[^\n:]*$/.exec(cgroups.split('\n').find((line) => line.split(':')[1]?.split(',').includes(controller)) ?? '')?.[0] ?? '';
    const read = (controller: string, file: string): number => Number(readFileSync(`/sys/fs/cgroup/${controller}${path(controller)}/${file}`, 'utf8'));
    expect(read('memory', 'memory.limit_in_bytes')).toBe(Math.floor(bytes / 4096) * 4096);
    expect(read('cpu', 'cpu.cfs_quota_us') / read('cpu', 'cpu.cfs_period_us')).toBe(0.25);
    expect(read('cpu', 'cpu.shares')).toBe(256);
  });

  it('[A4] [E1] joins the network, ipc and uts namespaces of one sandbox, with mount namespaces apart', async () => {
    const two = { name: 'other', image: 'podling.local/toolbox:1', command: ['sleep', '1000'] };
    const pod = toolboxPod('joined', 'sleep 1000');
    (pod['spec'] as { containers: unknown[] }).containers.push(two);
    await applyPod(world, pod);
    const running = await podUntil(world, 'joined', 'Running', isRunning);
    const [first, second] = [await pidOf(world, running, 'main'), await pidOf(world, running, 'other')];
    const ns = (pid: number, kind: string): string => readlinkSync(`/proc/${pid}/ns/${kind}`);
    for (const kind of ['net', 'ipc', 'uts']) expect(ns(first, kind)).toBe(ns(second, kind));
    for (const kind of ['mnt', 'pid']) expect(ns(first, kind)).not.toBe(ns(second, kind));
  });

  it('[E1] lets containers share a volume and localhost', async () => {
    await mustSucceed(world.kubectl, ['apply', '-f', example('two-containers.yaml')]);
    await podUntil(world, 'two-containers', 'Running', isRunning);
    await waitUntil('the page over localhost', async () => /page \d+/.test(await logs('two-containers', '-c', 'writer', '--tail', '1')), { timeoutMs: 30_000 });
  });

  it('[A7] has resolv.conf and hosts in place before the process starts, without the names of other pods', async () => {
    await applyPod(world, toolboxPod('neighbour', 'sleep 1000'));
    await podUntil(world, 'neighbour', 'Running', isRunning);
    const aliases = [{ ip: '10.1.2.3', hostnames: ['alias.example'] }];
    await applyPod(world, toolboxPod('names', 'cat /etc/hosts; echo ---; cat /etc/resolv.conf', { spec: { restartPolicy: 'Never', hostAliases: aliases } }));
    const pod = await succeeded('names');
    const [hosts = '', resolv = ''] = (await logs('names')).split('---\n');
    expect(hosts).toMatch(/127\.0\.0\.1\s+localhost/);
    expect(hosts).toMatch(new RegExp(`${pod.status?.podIP}\\s+names`));
    expect(hosts).toMatch(/10\.1\.2\.3\s+alias\.example/);
    expect(hosts).not.toContain('neighbour');
    expect(resolv).toMatch(/^(nameserver|search|options)/m);
  });

  it('[A8] [E2] reports memory in bytes and about 50 % CPU for a pod limited to 500m', async () => {
    await applyPod(world, toolboxPod('half', 'while true; do :; done', { container: { resources: { limits: { cpu: '500m', memory: '32Mi' } } } }));
    const pod = await podUntil(world, 'half', 'Running', isRunning);
    const percents: number[] = [];
    await waitUntil('a window in which the machine gives it its half core', async () => percents[percents.push(await cpuPercent(world, pod, 4000)) - 1]! > 40, { timeoutMs: 120_000 });
    expect(Math.max(...percents)).toBeLessThan(60);
    const summary = await world.client.rest.request<{ pods: { podRef: { name: string }; containers: { memory: { workingSetBytes: number } }[] }[] }>({
      path: `/api/v1/nodes/${pod.spec.nodeName}/proxy/stats/summary`,
    });
    const bytes = summary.pods.find(({ podRef }) => podRef.name === 'half')?.containers[0]?.memory.workingSetBytes ?? 0;
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes).toBeLessThan(32 * 1024 * 1024);
  });

  it('[E2] kills a container over its memory limit: OOMKilled, 137', async () => {
    await applyPod(world, toolboxPod('hog', 'exec tail /dev/zero', { spec: { restartPolicy: 'Never' }, container: { resources: { limits: { memory: '32Mi' } } } }));
    const pod = await podUntil(world, 'hog', 'Failed', (p) => p.status?.phase === 'Failed');
    expect(containerOf(pod).state?.terminated).toMatchObject({ reason: 'OOMKilled', exitCode: 137 });
  });

  it('[E3] brings a crashed container back with a restart count, back-off and its previous log', async () => {
    await applyPod(world, toolboxPod('crash', 'echo run; exit 3'));
    const pod = await podUntil(world, 'crash', 'CrashLoopBackOff', (p) => {
      const [status] = p.status?.containerStatuses ?? [];
      return (status?.restartCount ?? 0) >= 1 && status?.state?.waiting?.reason === 'CrashLoopBackOff';
    });
    expect(containerOf(pod).lastState?.terminated).toMatchObject({ exitCode: 3, reason: 'Error' });
    expect(await logs('crash', '--previous')).toContain('run');
    await expect.poll(() => eventsOf(world, 'crash', 'BackOff'), soon).not.toEqual([]);
  });

  it('stops with SIGTERM within the grace period, and with SIGKILL after it', async () => {
    await applyPod(world, toolboxPod('deaf', 'trap "" TERM; while true; do sleep 1; done', { spec: { terminationGracePeriodSeconds: 2 } }));
    await podUntil(world, 'deaf', 'Running', isRunning);
    await mustSucceed(world.kubectl, ['delete', 'pod', 'deaf', '--timeout', '30s']);
    await expect(pods.get('deaf')).rejects.toThrow('not found');
  });

  it('[A10] answers not found for the stats of a container that is gone, and keeps volumes and folders clean', async () => {
    await applyPod(world, toolboxPod('trace', 'sleep 1000', { spec: { volumes: [{ name: 'v', emptyDir: {} }] }, container: { volumeMounts: [{ name: 'v', mountPath: '/v' }] } }));
    const pod = await podUntil(world, 'trace', 'Running', isRunning);
    const folders = `${nodeOf(world, pod).paths.kubeletRoot}/pods`;
    expect(readdirSync(folders)).toContain(pod.metadata.uid);
    await mustSucceed(world.kubectl, ['delete', 'pod', 'trace']);
    expect(readdirSync(folders)).not.toContain(pod.metadata.uid);
    const path = `/api/v1/nodes/${pod.spec.nodeName}/proxy/stats/summary`;
    const summary = await world.client.rest.request<{ pods: { podRef: { uid: string } }[] }>({ path });
    expect(summary.pods.map(({ podRef }) => podRef.uid)).not.toContain(pod.metadata.uid);
  });
});
