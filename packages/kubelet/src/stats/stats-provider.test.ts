import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createFakeRuntime, type FakeRuntime } from '../testing/fake-runtime.ts';
import type { CgroupUsage } from '@podling/shared/process';
import { CriError } from '@podling/cri';
import type { Pod } from '@podling/shared/api';
import { buildPod, FakeClock } from '@podling/shared/testing';
import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { containerLabels, podLabels } from '../runtime/labels.ts';
import { createPodPaths, type PodPaths } from '../runtime/pod-paths.ts';
import { tempDir } from '../testing/temp-dir.ts';
import { DiskUsage } from './disk-usage.ts';
import { NodeStatsReader } from './node-stats.ts';
import type { NodeUsage } from './node-usage.ts';
import { StatsProvider } from './stats-provider.ts';
import type { Summary } from './summary.ts';

const image = 'podling.local/toolbox:1';
const machine: NodeUsage = {
  cpuNanoSeconds: 5_000_000_000n, memoryUsageBytes: 700, memoryWorkingSetBytes: 500, memoryAvailableBytes: 500, memoryRssBytes: 100, pageFaults: 7, majorPageFaults: 2,
  swapUsageBytes: 30, swapAvailableBytes: 60, bootTimeMs: Date.UTC(2025, 0, 1), taskCount: 20, maxTaskCount: 1000,
  interfaces: [{ name: 'eth0', rxBytes: 1, rxPackets: 2, rxErrors: 3, rxDropped: 4, txBytes: 5, txPackets: 6, txErrors: 7, txDropped: 8 }],
};
const allPods: CgroupUsage = { cpuNanoSeconds: 9n, memoryUsageBytes: 80, memoryWorkingSetBytes: 60, memoryRssBytes: 1, memoryCacheBytes: 1, memoryMappedFileBytes: 1, memoryLimitBytes: 100, pageFaults: 1, majorPageFaults: 1 };

let clock: FakeClock;
let runtime: FakeRuntime;
let paths: PodPaths;
let pods: Pod[];
let walked: string[][];
let provider: StatsProvider;

beforeEach(async () => {
  const root = await tempDir();
  clock = new FakeClock();
  runtime = createFakeRuntime({ clock, images: [image] });
  paths = createPodPaths(root, join(root, 'logs'));
  await mkdir(paths.podsRoot);
  [pods, walked] = [[], []];
  const logger = pino({ level: 'silent' });
  provider = new StatsProvider({
    runtime, paths, clock, listPods: () => pods, volumePeriodMs: 60_000,
    node: new NodeStatsReader({
      nodeName: 'n1', rootDir: root, images: runtime, clock, logger, nodeUsage: async () => machine,
      systemContainers: [{ name: 'pods', cgroup: '/kubepods', startedAtMs: clock.now() }, { name: 'kubelet', cgroup: '/gone', startedAtMs: 0 }],
      readCgroup: (path) => (path === '/kubepods' ? allPods : undefined),
    }),
    disk: new DiskUsage({
      clock, logger,
      run: (_, args) => {
        const folders = args.slice(args.indexOf('--') + 1);
        if (!args.includes('--inodes')) walked.push(folders);
        return { lines: (async function* () { for (const folder of folders) yield `${args.includes('--inodes') ? 3 : 4096}\t${folder}`; })(), end: () => undefined };
      },
    }),
  });
});

async function start(name: string, spec: Partial<Pod['spec']> = {}): Promise<string> {
  const containers = [{ name: 'web', image }];
  const pod = buildPod({ name, uid: `uid-${name}`, spec: { containers, ...spec } });
  const config = { metadata: { name, namespace: 'default', uid: `uid-${name}`, attempt: 0 }, hostname: name, logDirectory: '/logs', portMappings: [], labels: podLabels(pod), annotations: {}, cgroupParent: '/pods' };
  const sandbox = await runtime.runPodSandbox(config);
  const id = await runtime.createContainer(sandbox, { metadata: { name: 'web', attempt: 0 }, image, command: [], args: [], workingDir: '', env: [], mounts: [], labels: containerLabels(pod, { name: 'web', image }), annotations: {}, logPath: 'web/0.log', stdin: false, tty: false, linux: {} }, config);
  await runtime.startContainer(id);
  pods.push({ ...pod, status: { startTime: '2026-01-01T00:00:00Z', containerStatuses: [{ name: 'web', image, imageID: '', ready: true, restartCount: 0, state: { running: { startedAt: '2026-01-01T00:00:01Z' } } }] } });
  return id;
}

describe('StatsProvider', () => {
  it('tells of the node all that Kubernetes does', async () => {
    const { node } = await provider.summary();
    expect(node).toMatchObject({
      nodeName: 'n1', startTime: '2025-01-01T00:00:00Z',
      cpu: { usageCoreNanoSeconds: 5_000_000_000 },
      memory: { availableBytes: 500, usageBytes: 700, workingSetBytes: 500, rssBytes: 100, pageFaults: 7, majorPageFaults: 2 },
      swap: { swapAvailableBytes: 60, swapUsageBytes: 30 },
      network: { name: 'eth0', rxBytes: 1, rxErrors: 3, txBytes: 5, txErrors: 7, interfaces: [{ name: 'eth0', rxBytes: 1, rxErrors: 3, txBytes: 5, txErrors: 7 }] },
      rlimit: { maxpid: 1000, curproc: 20 },
    });
    for (const fs of [node.fs, node.runtime?.imageFs, node.runtime?.containerFs]) {
      expect(Object.entries(fs ?? {}).filter(([, value]) => typeof value === 'number').map(([key]) => key).toSorted()).toEqual(['availableBytes', 'capacityBytes', 'inodes', 'inodesFree', 'inodesUsed', 'usedBytes']);
    }
  });

  it('has a system container for what has a cgroup, with what is left of its limit', async () => {
    const { node } = await provider.summary();
    expect(node.systemContainers?.map(({ name, memory }) => [name, memory?.workingSetBytes, memory?.availableBytes])).toEqual([['pods', 60, 40]]);
  });

  it('tells of a pod what its containers write: volumes on the node\'s disk and logs are its ephemeral storage', async () => {
    await start('web', { volumes: [{ name: 'data', emptyDir: {} }, { name: 'memory', emptyDir: { medium: 'Memory' } }, { name: 'settings', configMap: { name: 's' } }, { name: 'secret', secret: { secretName: 's' } }, { name: 'host', hostPath: { path: '/' } }] });
    await mkdir(join(paths.logDir(pods[0] as Pod), 'web'), { recursive: true });
    await writeFile(join(paths.logDir(pods[0] as Pod), 'web/0.log'), 'x'.repeat(5000));
    const scope = { volumes: { maxAgeMs: 0, waits: true } };
    const [pod] = (await provider.summary(scope)).pods;
    expect(pod?.volume?.map(({ name, usedBytes, inodesUsed }) => [name, usedBytes, inodesUsed])).toEqual([['data', 4096, 3], ['memory', 4096, 3], ['settings', 4096, 3], ['secret', 4096, 3]]);
    expect(pod?.containers[0]).toMatchObject({ name: 'web', startTime: '2026-01-01T00:00:01Z', logs: { usedBytes: 8192, inodesUsed: 1 } });
    expect(pod?.['ephemeral-storage']).toMatchObject({ usedBytes: 2 * 4096 + 8192, inodesUsed: 7 });
  });

  it('answers a scrape with what is known of volumes and measures behind', async () => {
    await start('web', { volumes: [{ name: 'data', emptyDir: {} }] });
    expect((await provider.summary()).pods[0]?.volume).toBeUndefined();
    await clock.advance(1);
    expect((await provider.summary()).pods[0]?.volume?.map(({ name }) => name)).toEqual(['data']);
    expect(walked).toHaveLength(1);
    await clock.advance(3_600_000);
    expect(walked).toHaveLength(1);
  });

  it('reads and measures no pods but those that are wanted', async () => {
    await start('limited', { volumes: [{ name: 'data', emptyDir: { sizeLimit: '1Ki' } }] });
    await start('other', { volumes: [{ name: 'data', emptyDir: {} }] });
    const { pods: found, node } = await provider.summary({ pods: ({ metadata }) => metadata.name === 'limited', volumes: { maxAgeMs: 10_000, waits: true } });
    expect([found.map(({ podRef }) => podRef.name), node.memory?.availableBytes]).toEqual([['limited'], 500]);
    expect(walked).toEqual([[paths.volume('uid-limited', 'empty-dir', 'data')]]);
  });

  it('makes rates of two readings', async () => {
    const id = await start('web');
    await provider.cpuAndMemory();
    await clock.advance(2_000);
    runtime.setStats(id, { cpuUsageNanoSeconds: 1_000_000_000n, memoryUsageBytes: 5 });
    const [pod] = (await provider.cpuAndMemory()).pods;
    expect([pod?.cpu?.usageNanoCores, pod?.containers[0]?.cpu?.usageNanoCores, pod?.memory?.workingSetBytes]).toEqual([500_000_000, 500_000_000, 5]);
    expect(Object.keys(pod ?? {}).toSorted()).toEqual(['containers', 'cpu', 'memory', 'podRef', 'startTime']);
  });

  it('tells times in whole seconds, as Kubernetes does, and to the millisecond where rates are made of them', async () => {
    await start('web');
    await clock.advance(250);
    const timesOf = ({ node, pods: found }: Summary): (string | undefined)[] => [node.cpu?.time, node.startTime, node.swap?.time, found[0]?.cpu?.time, found[0]?.containers[0]?.memory?.time];
    for (const summary of [await provider.cpuAndMemory(), await provider.summary()]) {
      expect(timesOf(summary)).toEqual(Array.from({ length: 5 }, () => expect.stringMatching(/:\d\dZ$/)));
    }
    expect(Date.parse((await provider.forRates()).node.cpu?.time ?? '')).toBe(clock.now());
  });

  it('serves all who ask at once with one reading', async () => {
    await start('web');
    let readings = 0;
    const list = runtime.listPodSandboxStats.bind(runtime);
    runtime.listPodSandboxStats = async (filter) => {
      readings += 1;
      return list(filter);
    };
    await Promise.all([provider.summary(), provider.summary(), provider.cpuAndMemory(), provider.readings()]);
    expect(readings).toBe(1);
    await provider.summary();
    expect(readings).toBe(2);
  });

  it('[A10] leaves out a pod that has gone, and fails for a container that has', async () => {
    const id = await start('web');
    await start('stays');
    await runtime.stopPodSandbox((await runtime.containerStatus(id)).podSandboxId);
    expect((await provider.summary()).pods.map(({ podRef }) => podRef.name)).toEqual(['stays']);
    await expect(provider.container(pods[0] as Pod, id)).rejects.toMatchObject({ code: 'NotFound' });
  });

  it('does with a runtime that knows containers only, and with one that does not know its disk', async () => {
    const id = await start('web');
    runtime.setStats(id, { cpuUsageNanoSeconds: 7n, memoryUsageBytes: 5 });
    runtime.listPodSandboxStats = async () => { throw new CriError('Unimplemented', 'no such call'); };
    runtime.imageFsInfo = async () => { throw new CriError('Unimplemented', 'no such call'); };
    const { node, pods: found } = await provider.summary();
    expect(found.map(({ podRef, cpu, memory }) => [podRef.name, cpu?.usageCoreNanoSeconds, memory?.usageBytes])).toEqual([['web', 7, 5]]);
    expect(node.runtime).toBeUndefined();
  });
});
