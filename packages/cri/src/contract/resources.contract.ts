import { describe, expect, it } from 'vitest';
import { errorCode } from './scene.ts';
import type { Promises } from './promises.ts';
import type { Scene } from './scene.ts';

const MiB = 1024 * 1024;

const readCgroup = `
if [ -e /sys/fs/cgroup/cpu.max ]; then
  cd /sys/fs/cgroup; cat cpu.max; cat cpu.weight; cat memory.max; cat cpuset.cpus
else
  cd /sys/fs/cgroup; echo $(cat cpu/cpu.cfs_quota_us) $(cat cpu/cpu.cfs_period_us)
  cat cpu/cpu.shares; cat memory/memory.limit_in_bytes; cat cpuset/cpuset.cpus
fi`;

/** What holds in memory as well. */
export function resourcesContract(scene: () => Scene): void {
  describe('resources', () => {
    const linux = { cpuQuota: 50_000, cpuPeriod: 100_000, cpuShares: 512, memoryLimitBytes: 64 * MiB };

    it('are those of the creation, then those of the last update, the rest as it was', async () => {
      const id = await scene().start(await scene().run(), { linux });
      expect((await scene().runtime.containerStatus(id)).resources).toEqual(linux);
      await scene().runtime.updateContainerResources(id, { cpuShares: 256, memoryLimitBytes: 128 * MiB });
      await scene().runtime.updateContainerResources(id, { cpuShares: 256 });
      expect((await scene().runtime.containerStatus(id)).resources).toEqual({ ...linux, cpuShares: 256, memoryLimitBytes: 128 * MiB });
    });

    it('can be changed of a running container only', async () => {
      const sandbox = await scene().run();
      const id = await scene().runtime.createContainer(sandbox.id, scene().containerConfig(), sandbox.config);
      expect(await errorCode(scene().runtime.updateContainerResources(id, { cpuShares: 256 }))).toBe('InvalidArgument');
      await scene().runtime.startContainer(id);
      await scene().runtime.stopContainer(id, 0);
      expect(await errorCode(scene().runtime.updateContainerResources(id, { cpuShares: 256 }))).toBe('InvalidArgument');
      await scene().runtime.removeContainer(id);
      expect(await errorCode(scene().runtime.updateContainerResources(id, { cpuShares: 256 }))).toBe('NotFound');
    });
  });
}

async function pidsMax(scene: Scene, id: string): Promise<string> {
  const read = 'cat /sys/fs/cgroup/pids.max 2>/dev/null || cat /sys/fs/cgroup/pids/pids.max';
  return (await scene.runtime.execSync(id, ['sh', '-c', read], 10)).stdout.toString().trim();
}

/** What only processes can show. */
export function resourcesProcessContract(scene: () => Scene, promises: Promises): void {
  describe('resources of a process', () => {
    it('are in the cgroup at once, up and down, also when they are taken away', async () => {
      const id = await scene().start(await scene().run(), { linux: { cpuShares: 1024 } });
      const read = async (): Promise<string[]> => (await scene().runtime.execSync(id, ['sh', '-c', readCgroup], 10)).stdout.toString().trim().split('\n');
      const pid = (await scene().runtime.containerStatus(id)).pid;
      const update = { cpuShares: 2048, cpuQuota: 50_000, cpuPeriod: 100_000, memoryLimitBytes: 64 * MiB, cpusetCpus: '0' };
      await scene().runtime.updateContainerResources(id, update);
      expect((await read()).toSpliced(1, 1)).toEqual(['50000 100000', String(64 * MiB), '0']);
      await scene().runtime.updateContainerResources(id, { memoryLimitBytes: 256 * MiB, cpuQuota: 0 });
      expect((await read()).toSpliced(1, 1)).toEqual([expect.stringMatching(/^(-1|max) 100000$/), String(256 * MiB), '0']);
      await scene().runtime.updateContainerResources(id, { memoryLimitBytes: 32 * MiB });
      expect((await read())[2]).toBe(String(32 * MiB));
      expect(await scene().runtime.containerStatus(id)).toMatchObject({ pid, state: 'CONTAINER_RUNNING' });
    });

    promises.it('pidsLimit', 'limit processes, from the start and by an update', async () => {
      const id = await scene().start(await scene().run(), { linux: { pidsLimit: 50 } });
      expect(await pidsMax(scene(), id)).toBe('50');
      await scene().runtime.updateContainerResources(id, { pidsLimit: 100 });
      expect(await pidsMax(scene(), id)).toBe('100');
    });

    it('below what is in use are refused with what the kernel says, and nothing changes', async () => {
      const sandbox = await scene().run();
      const hold = 'x=$(head -c 30000000 /dev/zero | tr "\\0" x); touch /dev/shm/holds; sleep 600; echo ${#x}';
      const id = await scene().start(sandbox, { command: ['sh', '-c', hold], linux: { memoryLimitBytes: 256 * MiB } });
      await scene().runtime.execSync(id, ['sh', '-c', 'until [ -e /dev/shm/holds ]; do sleep 0.05; done'], 30);
      const refused = scene().runtime.updateContainerResources(id, { memoryLimitBytes: 8 * MiB });
      await expect(refused).rejects.toMatchObject({ code: 'InvalidArgument', message: expect.stringMatching(/memory/) as string });
      expect(await scene().runtime.containerStatus(id)).toMatchObject({ state: 'CONTAINER_RUNNING', resources: { memoryLimitBytes: 256 * MiB } });
    });
  });
}
