import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClusterNode } from '@podling/deploy/local';
import { containerOf, isRunning, mustSucceed, pidOf, podUntil, waitUntil } from '@podling/deploy/observe';
import { quantityToMilli, type Pod } from '@podling/shared/api';
import { formatCpuSet, parseCpuSet } from '@podling/shared/util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyPod, closeNamespace, e2eWorld, openNamespace, toolboxPod } from '../../harness/e2e-cluster.ts';
import { conditionOf, Resizes } from '../../harness/resizes.ts';

const world = e2eWorld('node-resources');
const [, node] = world.cluster.nodes as [ClusterNode, ClusterNode];
const onNode = { nodeName: node.name };
const resizes = new Resizes(world);
const configured = readFileSync(node.paths.kubeletConfig, 'utf8');
const stateFile = join(node.paths.kubeletRoot, 'cpu_manager_state');
const pidsLimit = 40;
/** The machine's; two at least. One is reserved, so that one or more are left to be somebody's own. */
const online = readFileSync('/sys/devices/system/cpu/online', 'utf8').trim();
const without = (cpu: string): string => formatCpuSet(parseCpuSet(online).difference(parseCpuSet(cpu)));
const special = { cpuManagerPolicy: 'static', systemReserved: { cpu: '100m', memory: '100Mi' }, podPidsLimit: pidsLimit };
const isUnified = existsSync('/sys/fs/cgroup/cgroup.controllers');
const cpuTree = isUnified ? '/sys/fs/cgroup' : '/sys/fs/cgroup/cpu';
const kubepods = join(cpuTree, node.cgroupRoot, 'kubepods');

const showCpus = 'while true; do grep Cpus_allowed_list /proc/self/status; sleep 0.5; done';
const cpusAre = (name: string, cpus: string): Promise<void> => resizes.says(name, `Cpus_allowed_list:\t${cpus}`);
/** The one CPU that a container is on. */
async function ownCpu(name: string): Promise<string> {
  const [, cpu = ''] = await waitUntil(`${name} to have a CPU of its own`, async () => /\t(\d+)\n?$/.exec(await logOf(name).catch(() => '')) ?? undefined, { timeoutMs: 20_000 });
  return cpu;
}
const own = { requests: { cpu: '1', memory: '64Mi' }, limits: { cpu: '1', memory: '64Mi' } };
const isOver = ({ status }: Pod): boolean => status?.phase === 'Failed' || status?.phase === 'Succeeded';
const logOf = (name: string): Promise<string> => mustSucceed(world.kubectl, ['logs', name]);
const deleted = (name: string): Promise<string> => mustSucceed(world.kubectl, ['delete', 'pod', name, '--timeout', '60s']);
let orphan: ChildProcess | undefined;

beforeAll(async () => {
  await openNamespace(world);
  await node.kubelet.kill('SIGKILL');
  writeFileSync(node.paths.kubeletConfig, `${configured}${Object.entries(special).map(([field, value]) => `${field}: ${JSON.stringify(value)}\n`).join('')}`);
});
afterAll(async () => {
  orphan?.kill('SIGKILL');
  await closeNamespace(world);
  await node.kubelet.kill('SIGKILL');
  writeFileSync(node.paths.kubeletConfig, configured);
  rmSync(stateFile, { force: true });
  await node.kubelet.start();
});

describe('the resources of a node', () => {
  it('are not given anew while the state of another policy is there: the kubelet says how to go on', async () => {
    await expect(node.kubelet.start()).rejects.toThrow(/configured policy \\"static\\" differs from state checkpoint policy \\"none\\", please drain this node and delete the CPU manager checkpoint file/);
    rmSync(stateFile);
    await node.kubelet.start();
    const reserved = async (): Promise<bigint> => {
      const { capacity, allocatable } = (await world.client.nodes().get(node.name)).status ?? {};
      return quantityToMilli(capacity?.['cpu'] ?? '0') - quantityToMilli(allocatable?.['cpu'] ?? '0');
    };
    await expect.poll(reserved, { timeout: 20_000 }).toBe(100n);
  });

  it('are CPUs of its own for a guaranteed container, and the rest for all others, at once and after a restart', async () => {
    await applyPod(world, toolboxPod('shared', showCpus, { spec: onNode, container: { resources: { requests: { cpu: '50m', memory: '64Mi' } } } }));
    await cpusAre('shared', online);
    await applyPod(world, toolboxPod('pinned', showCpus, { spec: onNode, container: { resources: own } }));
    const pinned = await ownCpu('pinned');
    expect(parseCpuSet(online).has(Number(pinned))).toBe(true);
    await Promise.all([cpusAre('pinned', pinned), cpusAre('shared', without(pinned))]);
    await node.kubelet.kill('SIGKILL');
    await node.kubelet.start();
    await applyPod(world, toolboxPod('later', showCpus, { spec: onNode }));
    await Promise.all([cpusAre('later', without(pinned)), cpusAre('pinned', pinned), cpusAre('shared', without(pinned))]);
    expect(containerOf(await podUntil(world, 'pinned', 'Running', isRunning)).restartCount).toBe(0);
    await resizes.ask('pinned', { requests: { cpu: '500m', memory: '64Mi' }, limits: { cpu: '500m', memory: '64Mi' } });
    const refused = await podUntil(world, 'pinned', 'refused', (pod) => conditionOf(pod, 'PodResizePending') !== undefined);
    expect(conditionOf(refused, 'PodResizePending')).toMatchObject({ reason: 'Infeasible', message: 'Resize is infeasible for Guaranteed Pods alongside CPU Manager policy "static"' });
    await deleted('pinned');
    await Promise.all([cpusAre('later', online), cpusAre('shared', online)]);
  });

  it('are processes up to a limit: a pod that forks without end is refused, and no other notices', async () => {
    const bomb = `sh -c 'i=0; while [ $i -lt ${pidsLimit * 3} ]; do sleep 1000 & i=$((i+1)); done'; echo over; exec sleep 1000`;
    await applyPod(world, toolboxPod('bomb', bomb, { spec: onNode }));
    await waitUntil('the bomb to be refused', async () => (await logOf('bomb').catch(() => '')).includes('over'), { timeoutMs: 30_000 });
    expect(await logOf('bomb')).toContain("can't fork");
    const lines = (await logOf('later')).length;
    await waitUntil('another pod to go on', async () => (await logOf('later')).length > lines + 100, { timeoutMs: 20_000 });
    expect(containerOf(await podUntil(world, 'bomb', 'Running', isRunning)).restartCount).toBe(0);
    await deleted('bomb');
  });

  it('are memory: that a child was killed for want of it is told of the container, which ends as it likes', async () => {
    const hungry = "sh -c 'x=$(head -c 200000000 /dev/zero | tr \"\\0\" x); echo ${#x}'; echo child $?; exit 3";
    await applyPod(world, toolboxPod('hungry', hungry, { spec: { ...onNode, restartPolicy: 'Never' }, container: { resources: { limits: { memory: '64Mi' } } } }));
    const pod = await podUntil(world, 'hungry', 'over', isOver);
    expect(containerOf(pod).state?.terminated).toMatchObject({ reason: 'OOMKilled', exitCode: isUnified ? 137 : 3 });
  });

  it('are shared by class: each has its weight, and its place when memory runs out', async () => {
    const scoreOf = async (name: string): Promise<number> => {
      const pid = await pidOf(world, await podUntil(world, name, 'Running', isRunning));
      return Number(readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8'));
    };
    const [burstable, bestEffort] = [await scoreOf('shared'), await scoreOf('later')];
    expect(bestEffort).toBe(1000);
    expect(burstable).toBeGreaterThan(2);
    expect(burstable).toBeLessThan(1000);
    const weight = (name: string): number => Number(readFileSync(join(kubepods, name, isUnified ? 'cpu.weight' : 'cpu.shares'), 'utf8'));
    await waitUntil('the burstable class to have what its pods ask for', () => Promise.resolve(weight('burstable') === (isUnified ? 2 : 51)), { timeoutMs: 20_000 });
    expect(weight('besteffort')).toBe(isUnified ? 1 : 2);
  });

  it('come back from a pod that is gone without the kubelet: its processes end, its cgroup goes', async () => {
    await node.kubelet.kill('SIGKILL');
    const uid = randomUUID();
    const group = join(kubepods, 'besteffort', `pod${uid}`);
    mkdirSync(join(node.paths.kubeletRoot, 'pods', uid));
    mkdirSync(join(group, 'left'), { recursive: true });
    orphan = spawn('sleep', ['1000'], { stdio: 'ignore' });
    writeFileSync(join(group, 'left/cgroup.procs'), String(orphan.pid));
    const ended = once(orphan, 'exit');
    await node.kubelet.start();
    expect((await ended)[1]).toBe('SIGKILL');
    await waitUntil('the cgroup to be gone', () => Promise.resolve(!existsSync(group)), { timeoutMs: 20_000 });
    expect(containerOf(await podUntil(world, 'shared', 'Running', isRunning)).restartCount).toBe(0);
  });
});
