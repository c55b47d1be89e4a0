import { describe, expect, it } from 'vitest';
import type { Scene } from './scene.ts';

export function runtimeContract(scene: () => Scene): void {
  describe('runtime', () => {
    it('says what it is', async () => {
      const version = await scene().runtime.version();
      expect(version.runtimeName).not.toBe('');
      expect(version.runtimeVersion).toMatch(/\d/);
      expect(version.runtimeApiVersion).toBe('v1');
    });

    it('says that it and the network are ready', async () => {
      const { conditions } = await scene().runtime.status();
      expect(conditions.map(({ type, status }) => [type, status])).toEqual([['RuntimeReady', true], ['NetworkReady', true]]);
    });

    it('runs with its default handler or a named one, and refuses any other', async () => {
      const { runtimeHandlers } = await scene().runtime.status();
      expect(runtimeHandlers.map(({ name }) => name)).toContain('');
      for (const { name } of runtimeHandlers) await scene().runtime.removePodSandbox(await scene().runtime.runPodSandbox(scene().sandboxConfig(), name));
      await expect(scene().runtime.runPodSandbox(scene().sandboxConfig(), 'no-such-handler')).rejects.toMatchObject({ code: 'InvalidArgument' });
    });

    it('says who drives the cgroups', async () => {
      expect(['cgroupfs', 'systemd']).toContain((await scene().runtime.runtimeConfig()).cgroupDriver);
    });
  });
}
