import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CriError } from '@podling/cri';
import { buildPod } from '@podling/shared/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from './testing/eventually.ts';
import { image, KubeletBench } from './testing/kubelet-bench.ts';
import { tempDir } from './testing/temp-dir.ts';

let root: string;
let bench: KubeletBench;

beforeEach(async () => {
  root = await tempDir();
  bench = new KubeletBench(root);
});

afterEach(() => bench.stop());

describe('kubelet', () => {
  it('registers its node, tainted until it is ready, and renews its lease', async () => {
    await bench.start(['--node-labels', 'disk=ssd', '--max-pods', '7']);
    await eventually(() => expect(bench.server.nodes.get('n1')).toBeDefined());
    const node = bench.server.nodes.get('n1');
    expect(node?.metadata.labels).toMatchObject({ 'kubernetes.io/hostname': 'n1', 'kubernetes.io/os': 'linux', disk: 'ssd' });
    expect(node?.spec?.taints).toEqual([{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }]);
    expect(node?.status?.addresses).toEqual([{ type: 'InternalIP', address: '127.0.0.9' }, { type: 'Hostname', address: 'n1' }]);
    expect(node?.status?.allocatable?.['pods']).toBe('7');
    expect(node?.status?.conditions?.find(({ type }) => type === 'Ready')?.status).toBe('True');
    await eventually(() => expect(bench.server.leases.get('kube-node-lease/n1')?.spec?.holderIdentity).toBe('n1'));
    const first = bench.server.leases.get('kube-node-lease/n1')?.spec?.renewTime;
    await bench.within(10_000, () => expect(bench.server.leases.get('kube-node-lease/n1')?.spec?.renewTime).not.toBe(first));
  });

  it('is not ready and takes no podCIDR until flannel has written its subnet file', async () => {
    const subnetFile = join(root, 'subnet.env');
    await bench.start(['--subnet-file', subnetFile]);
    const ready = () => bench.server.nodes.get('n1')?.status?.conditions?.find(({ type }) => type === 'Ready')?.status;
    await eventually(() => expect(ready()).toBe('False'));
    await writeFile(subnetFile, 'FLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_SUBNET=10.244.3.1/24\nFLANNEL_MTU=1450\n');
    await bench.within(500, () => expect(ready()).toBe('True'));
    expect(bench.server.nodes.get('n1')?.spec).toMatchObject({ podCIDR: '10.244.3.0/24', podCIDRs: ['10.244.3.0/24'] });
  });

  it('says Ready again after somebody has declared the node lost', async () => {
    await bench.start();
    await eventually(() => expect(bench.server.nodes.get('n1')?.status?.conditions).toBeDefined());
    const node = bench.server.nodes.get('n1');
    if (!node) throw new Error('no node');
    bench.server.nodes.put({ ...node, status: { ...node.status, conditions: [{ type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown' }] } });
    await eventually(() => expect(bench.server.nodes.get('n1')?.status?.conditions?.find(({ type }) => type === 'Ready')?.status).toBe('True'));
  });

  it('brings a pod to Running and says so', async () => {
    await bench.start();
    bench.put();
    await bench.running();
    expect(bench.pod().status?.podIP).toMatch(/^10\.88\./);
    await eventually(() => expect(bench.events('Started')).toEqual(['Container started']));
    expect(bench.events('Pulled')).toEqual([`Container image "${image}" already present on machine and can be accessed by the pod`]);
  });

  it('leaves pods of other nodes alone', async () => {
    await bench.start();
    bench.server.pods.put(buildPod({ name: 'other', uid: 'uid-other', nodeName: 'n10' }));
    bench.put();
    await bench.running();
    expect((await bench.runtime.listPodSandboxes()).map(({ metadata }) => metadata.name)).toEqual(['web']);
  });

  it('puts hosts, env, limits and labels where the runtime finds them', async () => {
    await bench.start(['--cluster-dns', '10.96.0.10']);
    const resources = { requests: { cpu: '250m' }, limits: { cpu: '500m', memory: '32Mi' } };
    const env = [{ name: 'A', value: 'x' }, { name: 'B', value: '$(A)-$(NOPE)' }, { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }];
    bench.put({ containers: [{ name: 'web', image, args: ['$(B)'], env, resources }] });
    await bench.running();
    const config = bench.runtime.containerConfig(bench.id());
    expect(config.linux).toMatchObject({ cpuShares: 256, cpuPeriod: 100_000, cpuQuota: 50_000, memoryLimitBytes: 32 * 1024 * 1024 });
    expect(config.args).toEqual(['x-$(NOPE)']);
    expect(config.env).toContainEqual({ name: 'IP', value: bench.pod().status?.podIP });
    expect(config.labels).toMatchObject({ 'io.kubernetes.pod.uid': 'uid-web', 'io.kubernetes.container.name': 'web' });
    const hosts = config.mounts.find(({ containerPath }) => containerPath === '/etc/hosts')?.hostPath ?? '';
    expect(await readFile(hosts, 'utf8')).toContain(`${bench.pod().status?.podIP}\tweb\n`);
  });

  it('restarts a crashed container at once, then after 10 s, 20 s, with the count and the last end', async () => {
    await bench.start();
    bench.put();
    await bench.running();
    const end = (exitCode: number): void => bench.runtime.exitContainer(bench.id(), exitCode);
    end(1);
    await eventually(() => expect(bench.web()).toMatchObject({ restartCount: 1, state: { running: {} }, lastState: { terminated: { exitCode: 1 } } }));
    end(2);
    await eventually(() => expect(bench.web().state?.waiting?.reason).toBe('CrashLoopBackOff'));
    expect(bench.web()).toMatchObject({ restartCount: 1, lastState: { terminated: { exitCode: 2 } } });
    await bench.clock.advance(9_000);
    expect(bench.web().restartCount).toBe(1);
    await bench.within(1_000, () => expect(bench.web()).toMatchObject({ restartCount: 2, state: { running: {} } }));
    end(3);
    await eventually(() => expect(bench.web().state?.waiting?.message).toContain('back-off 20s'));
  });

  it('ends a pod that is done, keeps its containers for their logs, and never runs it again', async () => {
    await bench.start();
    bench.put({ restartPolicy: 'Never' });
    await bench.running();
    bench.runtime.exitContainer(bench.id(), 0);
    await eventually(() => expect(bench.pod().status?.phase).toBe('Succeeded'));
    await eventually(async () => expect((await bench.runtime.listPodSandboxes())[0]?.state).toBe('SANDBOX_NOTREADY'));
    expect(await bench.runtime.listContainers()).toHaveLength(1);
    bench.markDeleted();
    await eventually(() => expect(bench.server.pods.get('default/web')).toBeUndefined());
    await eventually(async () => expect(await bench.runtime.listContainers()).toEqual([]));
  });

  it('runs init containers one after the other before the app', async () => {
    await bench.start();
    bench.put({ initContainers: [{ name: 'i1', image }, { name: 'i2', image }] });
    for (const name of ['i1', 'i2']) {
      await eventually(async () => {
        const running = (await bench.runtime.listContainers({ state: 'CONTAINER_RUNNING' })).map(({ metadata }) => metadata.name);
        expect(running).toEqual([name]);
      });
      expect(bench.web().state?.waiting?.reason).toBe('PodInitializing');
      const [running] = await bench.runtime.listContainers({ state: 'CONTAINER_RUNNING' });
      bench.runtime.exitContainer(running?.id ?? '', 0);
    }
    await bench.running();
  });

  it('leaves a pod Pending whose image cannot be had, says why, disturbs nobody, and goes on once it can', async () => {
    await bench.start();
    bench.runtime.failPull('nowhere/none:1', 'no such host');
    bench.put({ containers: [{ name: 'web', image: 'nowhere/none:1', imagePullPolicy: 'IfNotPresent' }] }, 'bad');
    bench.put();
    await bench.running();
    await eventually(() => expect(bench.web('bad').state?.waiting).toMatchObject({ reason: 'ErrImagePull' }));
    expect(bench.pod('bad').status?.phase).toBe('Pending');
    await bench.clock.advance(2_000);
    await eventually(() => expect(bench.web('bad').state?.waiting?.reason).toBe('ImagePullBackOff'));
    await eventually(() => expect(bench.events('BackOff')).toEqual(['Back-off pulling image "nowhere/none:1"']));
    bench.runtime.failPull('nowhere/none:1', undefined);
    await bench.within(1_000, () => expect(bench.pod('bad').status?.phase).toBe('Running'));
  });

  it('refuses to pull under Never', async () => {
    await bench.start();
    bench.put({ containers: [{ name: 'web', image: 'nowhere/none:1', imagePullPolicy: 'Never' }] });
    await eventually(() => expect(bench.web().state?.waiting?.reason).toBe('ErrImageNeverPull'));
  });

  it('keeps a pod in ContainerCreating whose hostPath has the wrong type, and starts it once that is mended', async () => {
    await bench.start();
    const path = join(root, 'thing');
    await writeFile(path, 'a file');
    bench.put({ volumes: [{ name: 'v', hostPath: { path, type: 'Directory' } }] });
    await eventually(() => expect(bench.events('FailedMount')).toEqual([`MountVolume.SetUp failed for volume "v" : hostPath type check failed: ${path} is not a directory`]));
    await bench.within(100, () => expect(bench.web().state?.waiting?.reason).toBe('ContainerCreating'));
    expect(await bench.runtime.listPodSandboxes()).toEqual([]);
    await rm(path);
    await mkdir(path);
    await bench.within(500, () => expect(bench.pod().status?.phase).toBe('Running'));
  });

  it('tells a failed sandbox and tries again, leaving one sandbox in the end', async () => {
    bench.runtime.failNext('runPodSandbox', new CriError('NetworkError', 'no free address'));
    await bench.start();
    bench.put();
    await eventually(() => expect(bench.events('FailedCreatePodSandBox')).toEqual(['Failed to create pod sandbox: no free address']));
    await bench.within(1_000, () => expect(bench.pod().status?.phase).toBe('Running'));
    expect(await bench.runtime.listPodSandboxes()).toHaveLength(1);
  });

  it('shows a container that cannot be created, and creates it once it can', async () => {
    bench.runtime.failNext('createContainer', new CriError('Unknown', 'no space'));
    await bench.start();
    bench.put();
    await eventually(() => expect(bench.web().state?.waiting).toEqual({ reason: 'CreateContainerError', message: 'no space' }));
    await bench.within(1_000, () => expect(bench.pod().status?.phase).toBe('Running'));
    expect(bench.web().restartCount).toBe(0);
  });

  it('replaces a dead sandbox and restarts the containers in a new one', async () => {
    await bench.start();
    bench.put();
    await bench.running();
    const [sandbox] = await bench.runtime.listPodSandboxes();
    bench.runtime.killSandbox(sandbox?.id ?? '');
    await eventually(async () => expect((await bench.runtime.listPodSandboxes({ state: 'SANDBOX_READY' }))[0]?.metadata.attempt).toBe(1));
    await eventually(() => expect(bench.web()).toMatchObject({ restartCount: 1, state: { running: {} } }));
  });

  it('stops a dead sandbox, which still holds its network, before it makes a new one', async () => {
    await bench.start();
    bench.put();
    await bench.running();
    const { runtime } = bench;
    const [sandbox] = await runtime.listPodSandboxes();
    const { ip } = await runtime.podSandboxStatus(sandbox?.id ?? '');
    runtime.killSandbox(sandbox?.id ?? '');
    await eventually(() => expect(bench.web()).toMatchObject({ restartCount: 1, state: { running: {} } }));
    const [ready] = await runtime.listPodSandboxes({ state: 'SANDBOX_READY' });
    expect((await runtime.podSandboxStatus(ready?.id ?? '')).ip).toBe(ip);
  });

  it('ends what may still run in a dead sandbox before it starts anything in a new one', async () => {
    await bench.start();
    bench.put();
    await bench.running();
    const id = bench.id();
    const { runtime } = bench;
    let mayRun = true;
    const shown = <T extends { id: string; state: string }>(container: T): T => (mayRun && container.id === id ? { ...container, state: 'CONTAINER_UNKNOWN' } : container);
    const [list, status, stop] = [runtime.listContainers.bind(runtime), runtime.containerStatus.bind(runtime), runtime.stopContainer.bind(runtime)];
    runtime.listContainers = async (filter) => (await list(filter)).map(shown);
    runtime.containerStatus = async (containerId) => shown(await status(containerId));
    runtime.stopContainer = async (containerId, timeoutSeconds) => {
      await stop(containerId, timeoutSeconds);
      mayRun &&= containerId !== id;
    };
    const [sandbox] = await runtime.listPodSandboxes();
    runtime.killSandbox(sandbox?.id ?? '');
    await eventually(() => expect(bench.web()).toMatchObject({ restartCount: 1, state: { running: {} } }));
    expect(mayRun).toBe(false);
  });

  it('gives a deleted pod its grace period, then kills it, and leaves nothing', async () => {
    await bench.stop();
    bench = new KubeletBench(root, { behaviour: () => ({ ignoresStopSignal: true }) });
    await bench.start();
    bench.put({ volumes: [{ name: 'd', emptyDir: {} }] });
    await bench.running();
    bench.markDeleted();
    await eventually(() => expect(bench.events('Killing')).toEqual(['Stopping container web']));
    await bench.clock.advance(4_000);
    expect(bench.server.pods.get('default/web')).toBeDefined();
    await bench.within(1_000, () => expect(bench.server.pods.get('default/web')).toBeUndefined());
    expect(await bench.runtime.listPodSandboxes()).toEqual([]);
    expect(await readdir(join(root, 'pods'))).toEqual([]);
    expect(await readdir(join(root, 'logs'))).toEqual([]);
  });

  it('goes on with the runtime after its events were lost', async () => {
    await bench.start();
    bench.put();
    await bench.running();
    bench.runtime.loseEvents();
    bench.runtime.exitContainer(bench.id(), 1);
    await bench.within(200, () => expect(bench.web()).toMatchObject({ restartCount: 1, state: { running: {} } }));
  });

  it('goes on with the sandbox that came up in a start that failed, though nobody told of it', async () => {
    const { runtime: silent } = new KubeletBench(root);
    bench.runtime.events = (signal) => silent.events(signal);
    await bench.start();
    const logs = join(root, 'logs');
    const inTheWay = join(logs, 'default_web_uid-web');
    await mkdir(logs, { recursive: true });
    await writeFile(inTheWay, '');
    bench.put();
    await eventually(() => expect(bench.events('FailedSync')).toEqual([expect.stringContaining('EEXIST')]));
    await rm(inTheWay);
    await bench.within(200, () => expect(bench.pod().status?.phase).toBe('Running'));
    expect(bench.events('FailedCreatePodSandBox')).toEqual([]);
  });

  it('says why a pod waits while the runtime is down, admits it later, and starts it at once when the runtime is back', async () => {
    await bench.start();
    await eventually(() => expect(bench.server.nodes.get('n1')).toBeDefined());
    bench.runtime.setDown(true);
    bench.put();
    await eventually(() => expect(bench.events('FailedSync')).toEqual(['error syncing pod: connection refused']));
    await bench.within(100, () => expect(bench.pod().status).toMatchObject({ phase: 'Pending', containerStatuses: [{ state: { waiting: { reason: 'ContainerCreating' } } }] }));
    expect(bench.pod().status).not.toHaveProperty('startTime');
    for (let waitedMs = 0; waitedMs < 40_000; waitedMs += 500) await bench.clock.advance(500);
    const ready = bench.server.nodes.get('n1')?.status?.conditions?.find(({ type }) => type === 'Ready');
    expect(ready).toMatchObject({ status: 'False', message: 'container runtime is down: connection refused' });
    bench.runtime.setDown(false);
    const backAtMs = bench.clock.now();
    await bench.within(20, () => expect(bench.pod().status?.phase).toBe('Running'));
    // By itself the pod's worker would try again after 63.5 s.
    expect(bench.clock.now() - backAtMs).toBeLessThan(23_000);
    expect(bench.pod().status?.startTime).toBeDefined();
  });

  it('leaves the status of a pod alone while the runtime does not answer', async () => {
    const first = await bench.start();
    bench.put();
    await bench.running();
    const before = bench.pod().status;
    await first.stop();
    await bench.clock.advance(1_000);
    bench.runtime.setDown(true);
    await bench.start();
    await eventually(() => expect(bench.events('FailedSync')).not.toEqual([]));
    expect(bench.pod().status).toEqual(before);
  });

  it('restarts containers while the apiserver is away, and reports it later', async () => {
    await bench.start();
    bench.put();
    await bench.running();
    bench.server.pods.failNext(new Error('connection refused'), 6);
    bench.server.pods.breakWatches(new Error('connection reset'));
    bench.runtime.exitContainer(bench.id(), 1);
    await eventually(async () => expect((await bench.runtime.listContainers({ state: 'CONTAINER_RUNNING' }))[0]?.metadata.attempt).toBe(1));
    await bench.within(500, () => expect(bench.web()).toMatchObject({ restartCount: 1, state: { running: {} } }));
  });

  it('admits no more pods than it has room for', async () => {
    await bench.start(['--max-pods', '1']);
    await eventually(() => expect(bench.server.nodes.get('n1')).toBeDefined());
    bench.put();
    await bench.running();
    bench.put({}, 'second');
    await eventually(() => expect(bench.pod('second').status).toMatchObject({ phase: 'Failed', reason: 'OutOfpods' }));
  });

  it('admits no more of the pods that it finds together when it starts', async () => {
    for (const name of ['first', 'second']) bench.put({}, name);
    await bench.start(['--max-pods', '1']);
    await eventually(() => expect(['first', 'second'].map((name) => bench.pod(name).status?.phase)).toEqual(['Running', 'Failed']));
  });
});

describe('kubelet server', () => {
  it('serves health, logs and stats, and explains what is not there', async () => {
    const { port } = await bench.start();
    bench.put();
    await bench.running();
    const ask = async (path: string): Promise<[number, string]> => {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`);
      return [answer.status, await answer.text()];
    };
    const log = join(root, 'logs', 'default_web_uid-web', 'web', '0.log');
    await mkdir(join(log, '..'), { recursive: true });
    await writeFile(log, '2026-01-01T00:00:00.000000000Z stdout F hello\n');
    expect(await ask('/healthz')).toEqual([200, 'ok']);
    expect(await ask('/containerLogs/default/web/web')).toEqual([200, 'hello\n']);
    expect(await ask('/containerLogs/default/web/web?previous=true')).toEqual([400, 'previous terminated container "web" in pod "web" not found']);
    expect((await ask('/containerLogs/default/web/web?tailLines=x'))[0]).toBe(400);
    expect(await ask('/containerLogs/default/web/nope')).toEqual([404, 'container "nope" not found in pod "web"']);
    expect(await ask('/containerLogs/default/nope/web')).toEqual([404, 'pod "nope" does not exist']);
    expect((await ask('/nothing'))[0]).toBe(404);
    bench.runtime.setStats(bench.id(), { cpuUsageNanoSeconds: 7n, memoryUsageBytes: 4096 });
    const summary = JSON.parse((await ask('/stats/summary'))[1]) as { pods: { podRef: object; containers: object[] }[] };
    expect(summary.pods).toMatchObject([{ podRef: { name: 'web', uid: 'uid-web' }, containers: [{ name: 'web', cpu: { usageCoreNanoSeconds: 7 }, memory: { usageBytes: 4096 } }] }]);
  });

  it('says that the stats of a container that is gone are not there, and nothing worse', async () => {
    const { port } = await bench.start();
    bench.put({ restartPolicy: 'Never' });
    await bench.running();
    const path = `http://127.0.0.1:${port}/stats/default/web/uid-web/web`;
    expect((await fetch(path)).status).toBe(200);
    bench.runtime.exitContainer(bench.id(), 0);
    const answer = await fetch(path);
    expect([answer.status, await answer.text()]).toEqual([404, 'container "web" not found in pod "web"']);
  });

  it('listens in the clear on loopback only', async () => {
    await expect(bench.start(['--address=0.0.0.0'])).rejects.toThrow('needs --tls-cert-file');
  });
});

describe('kubelet restart', () => {
  it('adopts running containers without touching them', async () => {
    const first = await bench.start();
    bench.put();
    await bench.running();
    const id = bench.id();
    await first.stop();
    await bench.start();
    bench.put({}, 'later');
    await bench.running('later');
    expect(bench.id()).toBe(id);
    expect(bench.web().restartCount).toBe(0);
    expect(await bench.runtime.listPodSandboxes()).toHaveLength(2);
  });

  it('restarts with the next count what exited in between', async () => {
    const first = await bench.start();
    bench.put();
    await bench.running();
    await first.stop();
    bench.runtime.exitContainer(bench.id(), 7);
    await bench.start();
    await eventually(() => expect(bench.web()).toMatchObject({ restartCount: 1, lastState: { terminated: { exitCode: 7 } } }));
  });

  it('finishes a pod that was marked as deleted in between', async () => {
    const first = await bench.start();
    bench.put();
    await bench.running();
    await first.stop();
    bench.markDeleted();
    await bench.start();
    await eventually(() => expect(bench.server.pods.get('default/web')).toBeUndefined());
    expect(await bench.runtime.listContainers()).toEqual([]);
  });

  it('removes what is left of a pod that is gone, but only after the first list', async () => {
    const first = await bench.start();
    bench.put();
    await bench.running();
    await first.stop();
    bench.server.pods.remove('default/web');
    bench.server.pods.failNext(new Error('connection refused'), 3);
    await bench.start();
    await bench.clock.advance(100);
    expect(await bench.runtime.listContainers({ state: 'CONTAINER_RUNNING' })).toHaveLength(1);
    await bench.within(1_000, async () => expect(await bench.runtime.listPodSandboxes()).toEqual([]));
    await eventually(async () => expect(await readdir(join(root, 'pods'))).toEqual([]));
  });

  it('does not run a pod again that may run once when the node has lost it, and says so', async () => {
    const first = await bench.start();
    bench.put({ restartPolicy: 'Never' });
    await bench.running();
    await first.stop();
    bench.loseEverything();
    await bench.start();
    await eventually(() => expect(bench.pod().status?.phase).toBe('Failed'));
    const terminated = { exitCode: 137, reason: 'ContainerStatusUnknown', message: 'The container could not be located when the pod was terminated' };
    expect(bench.web().state?.terminated).toMatchObject(terminated);
    expect(await bench.runtime.listContainers()).toEqual([]);
  });

  it('counts on when it runs a pod again that the node has lost, even if that takes several tries', async () => {
    const first = await bench.start();
    bench.put();
    await bench.running();
    await first.stop();
    bench.loseEverything();
    bench.runtime.failNext('runPodSandbox', new CriError('NetworkError', 'no free address'));
    await bench.start();
    await bench.within(500, () => expect(bench.web()).toMatchObject({ restartCount: 1, state: { running: {} }, lastState: { terminated: { exitCode: 137 } } }));
  });

  it('does not run a finished pod again', async () => {
    const first = await bench.start();
    bench.put({ restartPolicy: 'Never' });
    await bench.running();
    bench.runtime.exitContainer(bench.id(), 0);
    await eventually(() => expect(bench.pod().status?.phase).toBe('Succeeded'));
    await first.stop();
    await bench.start();
    bench.put({}, 'later');
    await bench.running('later');
    expect(bench.pod().status?.phase).toBe('Succeeded');
    expect(bench.web().state?.terminated?.exitCode).toBe(0);
  });
});
