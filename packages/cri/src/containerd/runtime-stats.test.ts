import { FakeClock } from '@podling/shared/testing';
import { identify, readCgroupUsage } from '@podling/shared/process';
import type { CgroupUsage } from '@podling/shared/process';
import { describe, expect, it, vi } from 'vitest';
import type { ContainerRecord } from './container-record.ts';
import { RuntimeStats } from './runtime-stats.ts';
import type { SandboxRecord } from './sandbox-record.ts';

vi.mock('@podling/shared/process', async (original) => ({ ...(await original<object>()), readCgroupUsage: vi.fn<typeof readCgroupUsage>() }));

const { pid, startTime: pidStartTime } = identify(process.pid) ?? expect.fail('this process is not there');

function usage(memory: number): CgroupUsage {
  return {
    cpuNanoSeconds: BigInt(memory), memoryUsageBytes: memory, memoryWorkingSetBytes: memory, memoryRssBytes: memory,
    memoryCacheBytes: 0, memoryMappedFileBytes: 0, pageFaults: 1, majorPageFaults: 0, taskCount: 2,
  };
}

function sandbox(cgroupParent: string): SandboxRecord {
  const metadata = { name: 'web', namespace: 'default', uid: 'u', attempt: 0 };
  const config = { metadata, hostname: 'web', logDirectory: '', portMappings: [], labels: {}, annotations: {}, cgroupParent, namespaces: { network: 'NODE' as const, pid: 'POD' as const, ipc: 'POD' as const } };
  return { id: 's', config, createdAtMs: 0, ip: '', pid, pidStartTime };
}

function container(id: string): ContainerRecord {
  const config = { metadata: { name: id, attempt: 0 }, image: 'web:1', labels: {}, annotations: {}, tty: false, stdin: false, stdinOnce: false };
  return { id, podSandboxId: 's', config, imageId: 'i', logPath: '', cgroupsPath: `/${id}`, stopSignal: 15, createdAtMs: 0, startedAtMs: 1 };
}

function statsOf(cgroupParent: string, containers: readonly ContainerRecord[]) {
  vi.mocked(readCgroupUsage).mockImplementation((path) => (({ '/a': usage(10), '/b': usage(20), '/pods/u': usage(40) }) as Record<string, CgroupUsage>)[path] ?? usage(1_000_000));
  const stats = new RuntimeStats({
    containers: { get: (id) => containers.find((one) => one.id === id), values: () => [...containers] },
    sandboxes: { values: () => [sandbox(cgroupParent)] },
    isRemoving: () => false, layers: { latest: () => new Map() }, clock: new FakeClock(),
  });
  return stats.sandbox('s');
}

describe('RuntimeStats', () => {
  it('gives a sandbox what its cgroup uses', () => {
    expect(statsOf('/pods/u', [container('a')])).toMatchObject({ memoryUsageBytes: 40, containers: [{ memoryUsageBytes: 10 }] });
  });

  it.each(['', '/'])('gives a sandbox with the cgroup parent %j what its containers use, never what the node does', (cgroupParent) => {
    expect(statsOf(cgroupParent, [container('a'), container('b')])).toMatchObject({ cpuUsageNanoSeconds: 30n, memoryUsageBytes: 30, memoryWorkingSetBytes: 30, processCount: 4, pageFaults: 2 });
    expect(statsOf(cgroupParent, [])).toMatchObject({ cpuUsageNanoSeconds: 0n, memoryUsageBytes: 0 });
  });
});
