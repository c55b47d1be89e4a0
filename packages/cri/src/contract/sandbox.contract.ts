import { describe, expect, it } from 'vitest';
import { CriError } from '../cri.ts';
import { errorCode } from './scene.ts';
import type { Scene } from './scene.ts';

export function sandboxContract(scene: () => Scene): void {
  describe('sandbox', () => {
    it('[A1] is ready with an IP and a PID, found by its labels, and carries what it was made of', async () => {
      const { id, config } = await scene().run();
      const status = await scene().runtime.podSandboxStatus(id);
      expect(status).toMatchObject({ id, metadata: config.metadata, labels: config.labels, annotations: config.annotations, state: 'SANDBOX_READY' });
      expect(status.ip).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
      expect(status.pid).toBeGreaterThan(0);
      expect(status.createdAtMs).toBeGreaterThan(0);
      const found = await scene().runtime.listPodSandboxes({ labelSelector: { 'io.kubernetes.pod.uid': config.metadata.uid } });
      expect(found.map((sandbox) => sandbox.id)).toEqual([id]);
      expect(await scene().runtime.listPodSandboxes({ labelSelector: { 'io.kubernetes.pod.uid': 'another' } })).toEqual([]);
    });

    it('is stopped and removed any number of times', async () => {
      const { id } = await scene().run();
      await scene().runtime.stopPodSandbox(id);
      await scene().runtime.stopPodSandbox(id);
      expect(await scene().runtime.podSandboxStatus(id)).toMatchObject({ state: 'SANDBOX_NOTREADY', ip: '', pid: 0 });
      await scene().runtime.removePodSandbox(id);
      await scene().runtime.removePodSandbox(id);
      await scene().runtime.stopPodSandbox(id);
      expect(await errorCode(scene().runtime.podSandboxStatus(id))).toBe('NotFound');
      expect(await scene().runtime.listPodSandboxes({ id })).toEqual([]);
    });

    it('[A1] can be run again at once under the same name after its removal', async () => {
      const { id, config } = await scene().run();
      await scene().runtime.removePodSandbox(id);
      const again = await scene().run(config);
      expect(again.id).not.toBe(id);
      expect((await scene().runtime.podSandboxStatus(again.id)).state).toBe('SANDBOX_READY');
    });

    it('does not run twice under one name', async () => {
      const { id, config } = await scene().run();
      await expect(scene().runtime.runPodSandbox(config)).rejects.toBeInstanceOf(CriError);
      expect((await scene().runtime.podSandboxStatus(id)).state).toBe('SANDBOX_READY');
    });

    it('[A1] runs for a pod whose name has 253 characters', async () => {
      const config = scene().sandboxConfig();
      const longName = `${'a'.repeat(250)}.bc`;
      const { id } = await scene().run({ ...config, metadata: { ...config.metadata, name: longName }, hostname: longName.slice(0, 63) });
      expect((await scene().runtime.podSandboxStatus(id)).metadata.name).toBe(longName);
    });

    it('gets addresses of their own when several start at once', async () => {
      const started = await Promise.all([scene().run(), scene().run(), scene().run()]);
      const statuses = await Promise.all(started.map(({ id }) => scene().runtime.podSandboxStatus(id)));
      expect(new Set(statuses.map(({ ip }) => ip)).size).toBe(3);
    });

    it('takes its containers with it', async () => {
      const sandbox = await scene().run();
      const id = await scene().start(sandbox);
      await scene().runtime.stopPodSandbox(sandbox.id);
      expect((await scene().runtime.containerStatus(id)).state).toBe('CONTAINER_EXITED');
      await scene().runtime.removePodSandbox(sandbox.id);
      expect(await errorCode(scene().runtime.containerStatus(id))).toBe('NotFound');
    });
  });
}
