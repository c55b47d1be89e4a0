import { existsSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { errorCode, PATIENCE } from './scene.ts';
import type { Scene } from './scene.ts';

const MiB = 1024 * 1024;

/** What holds in memory as well. */
export function statsContract(scene: () => Scene): void {
  describe('stats', () => {
    it('are of what runs, with metadata and labels, for one or for all', async () => {
      const { runtime } = scene();
      const sandbox = await scene().run();
      const running = await scene().start(sandbox, { metadata: { name: 'runs', attempt: 2 }, labels: { app: 'one' } });
      await runtime.createContainer(sandbox.id, scene().containerConfig({ metadata: { name: 'created', attempt: 0 } }), sandbox.config);
      const about = { id: running, metadata: { name: 'runs', attempt: 2 }, labels: expect.objectContaining({ app: 'one' }) as unknown };
      expect(await runtime.containerStats(running)).toMatchObject(about);
      expect(await runtime.listContainerStats({ podSandboxId: sandbox.id })).toMatchObject([about]);
      expect(await runtime.listContainerStats({ id: 'absent' })).toEqual([]);
      const ofSandbox = { id: sandbox.id, metadata: sandbox.config.metadata, containers: [about] };
      expect(await runtime.podSandboxStats(sandbox.id)).toMatchObject(ofSandbox);
      expect((await runtime.listPodSandboxStats()).filter(({ id }) => id === sandbox.id)).toMatchObject([ofSandbox]);
    });

    it('of a container or a sandbox that has gone are not found', async () => {
      const { runtime } = scene();
      const sandbox = await scene().run();
      const id = await scene().start(sandbox);
      await runtime.stopContainer(id, 0);
      expect(await errorCode(runtime.containerStats(id))).toBe('NotFound');
      await runtime.removeContainer(id);
      expect(await errorCode(runtime.containerStats(id))).toBe('NotFound');
      await runtime.removePodSandbox(sandbox.id);
      expect(await errorCode(runtime.podSandboxStats(sandbox.id))).toBe('NotFound');
      expect((await runtime.listPodSandboxStats()).map((stats) => stats.id)).not.toContain(sandbox.id);
    });

    it('of the images\' file system name a folder on it', async () => {
      const { imageFilesystem, containerFilesystem } = await scene().runtime.imageFsInfo();
      expect([imageFilesystem, containerFilesystem].map(({ mountpoint }) => existsSync(mountpoint))).toEqual([true, true]);
      expect(imageFilesystem.usedBytes).toBeGreaterThan(0);
    });
  });
}

/** What only processes can show. */
export function statsProcessContract(scene: () => Scene): void {
  describe('stats of processes', () => {
    it('grow with what a container does: CPU time, memory, processes, and the whole pod\'s with them', async () => {
      const { runtime } = scene();
      const sandbox = await scene().run();
      const script = 'x=$(head -c 30000000 /dev/zero | tr "\\0" x); sleep 600 & touch /dev/shm/holds; wait; echo ${#x}';
      const id = await scene().start(sandbox, { command: ['sh', '-c', script], linux: { memoryLimitBytes: 256 * MiB } });
      await runtime.execSync(id, ['sh', '-c', 'until [ -e /dev/shm/holds ]; do sleep 0.05; done'], 30);
      // A runtime may look at its containers now and then only.
      await vi.waitFor(async () => {
        const [stats, pod] = await Promise.all([runtime.containerStats(id), runtime.podSandboxStats(sandbox.id)]);
        expect(stats.cpuUsageNanoSeconds).toBeGreaterThan(10_000_000n);
        expect(stats.memoryUsageBytes).toBeGreaterThan(30_000_000);
        expect(stats.memoryWorkingSetBytes).toBeGreaterThan(30_000_000);
        expect(pod.memoryUsageBytes).toBeGreaterThan(30_000_000);
        // Not every runtime counts its own.
        expect(pod.processCount ?? 2).toBeGreaterThanOrEqual(2);
      }, PATIENCE);
    });

    it('count what comes and goes over the sandbox\'s network', async () => {
      const { runtime } = scene();
      const [server, client] = [await scene().run(), await scene().run()];
      await scene().start(server, { command: ['sh', '-c', 'mkdir /www; head -c 300000 /dev/zero > /www/file; exec httpd -f -p 8080 -h /www'] });
      const { ip } = await runtime.podSandboxStatus(server.id);
      await scene().script(`until [ "$(printf 'GET /file HTTP/1.0\\r\\n\\r\\n' | nc -w 5 ${ip} 8080 | wc -c)" -gt 300000 ]; do sleep 0.1; done`, {}, client);
      await vi.waitFor(async () => {
        const [sent, received] = await Promise.all([server, client].map(({ id }) => runtime.podSandboxStats(id)));
        expect(sent?.networkInterfaces?.[0]?.txBytes).toBeGreaterThan(300_000);
        expect(received?.networkInterfaces?.[0]?.rxBytes).toBeGreaterThan(300_000);
      }, PATIENCE);
    });

    it('tell what a container has written to its own layer, in time', async () => {
      const { runtime } = scene();
      const id = await scene().start(await scene().run());
      await runtime.execSync(id, ['sh', '-c', 'mkdir /written; head -c 3000000 /dev/zero > /written/file'], 10);
      await vi.waitFor(async () => {
        const layer = (await runtime.containerStats(id)).writableLayer;
        expect(layer?.usedBytes).toBeGreaterThanOrEqual(3_000_000);
        expect(layer?.inodesUsed).toBeGreaterThanOrEqual(2);
        expect(existsSync(layer?.mountpoint ?? '')).toBe(true);
      }, PATIENCE);
    });
  });
}
