import { describe, expect, it } from 'vitest';
import { CriError } from '../cri.ts';
import type { CriRuntime } from '../cri.ts';
import { errorCode } from './scene.ts';
import type { Scene } from './scene.ts';

export function containerContract(scene: () => Scene): void {
  describe('container', () => {
    it('[A2] goes from created over running to exited, and is gone when removed', async () => {
      const sandbox = await scene().run();
      const config = scene().containerConfig();
      const id = await scene().runtime.createContainer(sandbox.id, config, sandbox.config);
      expect(await scene().runtime.containerStatus(id)).toMatchObject({ state: 'CONTAINER_CREATED', startedAtMs: 0, finishedAtMs: 0, reason: '' });
      await scene().runtime.startContainer(id);
      const running = await scene().runtime.containerStatus(id);
      expect([running.imageId]).toEqual([(await scene().runtime.imageStatus(config.image))?.id]);
      expect(await scene().runtime.listContainers({ id })).toMatchObject([{ image: config.image, imageId: running.imageId }]);
      expect(running).toMatchObject({ state: 'CONTAINER_RUNNING', metadata: config.metadata, labels: config.labels, image: config.image, podSandboxId: sandbox.id });
      expect(running.pid).toBeGreaterThan(0);
      expect(running.startedAtMs).toBeGreaterThanOrEqual(running.createdAtMs);
      await scene().runtime.stopContainer(id, 0);
      const exited = await scene().runtime.containerStatus(id);
      expect(exited).toMatchObject({ state: 'CONTAINER_EXITED', exitCode: 137, reason: 'Error', pid: 0 });
      expect(exited.finishedAtMs).toBeGreaterThanOrEqual(exited.startedAtMs);
      await scene().runtime.removeContainer(id);
      expect(await errorCode(scene().runtime.containerStatus(id))).toBe('NotFound');
    });

    it('is stopped and removed any number of times', async () => {
      const sandbox = await scene().run();
      const id = await scene().start(sandbox);
      await scene().runtime.stopContainer(id, 0);
      await scene().runtime.stopContainer(id, 0);
      await scene().runtime.removeContainer(id);
      await scene().runtime.removeContainer(id);
      await scene().runtime.stopContainer(id, 0);
      expect(await scene().runtime.listContainers({ podSandboxId: sandbox.id })).toEqual([]);
    });

    it('is killed by its removal', async () => {
      const sandbox = await scene().run();
      const id = await scene().start(sandbox);
      await scene().runtime.removeContainer(id);
      expect(await errorCode(scene().runtime.containerStatus(id))).toBe('NotFound');
    });

    it('is removed before it was started', async () => {
      const sandbox = await scene().run();
      const id = await scene().runtime.createContainer(sandbox.id, scene().containerConfig(), sandbox.config);
      await scene().runtime.removeContainer(id);
      expect(await scene().runtime.listContainers({ podSandboxId: sandbox.id })).toEqual([]);
    });

    it('starts once', async () => {
      const sandbox = await scene().run();
      const id = await scene().start(sandbox);
      expect(await errorCode(scene().runtime.startContainer(id))).toBe('InvalidArgument');
      expect((await scene().runtime.containerStatus(id)).state).toBe('CONTAINER_RUNNING');
    });

    it('[A2] is found by sandbox, label and state', async () => {
      const [sandbox, other] = [await scene().run(), await scene().run()];
      const first = await scene().start(sandbox, { labels: { role: 'first', common: 'yes' } });
      const second = await scene().start(sandbox, { metadata: { name: 'second', attempt: 3 }, labels: { role: 'second', common: 'yes' } });
      await scene().start(other);
      await scene().runtime.stopContainer(second, 0);
      const ids = async (filter: Parameters<CriRuntime['listContainers']>[0]) => (await scene().runtime.listContainers(filter)).map(({ id }) => id).sort();
      expect(await ids({ podSandboxId: sandbox.id })).toEqual([first, second].sort());
      expect(await ids({ podSandboxId: sandbox.id, state: 'CONTAINER_RUNNING' })).toEqual([first]);
      expect(await ids({ labelSelector: { role: 'second', common: 'yes' } })).toEqual([second]);
      expect(await ids({ id: second })).toEqual([second]);
    });

    it('is not made of an image that is not there, and nothing of it remains', async () => {
      const sandbox = await scene().run();
      const config = scene().containerConfig({ image: 'podling.local/absent:1' });
      expect(await errorCode(scene().runtime.createContainer(sandbox.id, config, sandbox.config))).toBe('ImageNotPresent');
      expect(await scene().runtime.listContainers({ podSandboxId: sandbox.id })).toEqual([]);
      await scene().start(sandbox);
    });

    it('is not made in a sandbox that is not ready', async () => {
      const sandbox = await scene().run();
      await scene().runtime.stopPodSandbox(sandbox.id);
      await expect(scene().runtime.createContainer(sandbox.id, scene().containerConfig(), sandbox.config)).rejects.toBeInstanceOf(CriError);
      expect(await scene().runtime.listContainers({ podSandboxId: sandbox.id })).toEqual([]);
    });

    it('fails to start without its binary: exited with 128 and the reason, and the next one starts', async () => {
      const sandbox = await scene().run();
      const config = scene().containerConfig({ command: ['/no/such/binary'] });
      const id = await scene().runtime.createContainer(sandbox.id, config, sandbox.config);
      expect(await errorCode(scene().runtime.startContainer(id))).toBe('StartError');
      const status = await scene().runtime.containerStatus(id);
      expect(status).toMatchObject({ state: 'CONTAINER_EXITED', exitCode: 128, reason: 'StartError' });
      expect(status.message).toContain('/no/such/binary');
      expect(status.startedAtMs).toBeGreaterThan(0);
      await scene().start(sandbox, { metadata: { name: 'main', attempt: 1 } });
    });

    it('[A10] has its stats found by sandbox, id and label', async () => {
      const [sandbox, other] = await Promise.all([scene().run(), scene().run()]);
      const [first, second] = [await scene().start(sandbox, { labels: { role: 'first' } }), await scene().start(sandbox, { metadata: { name: 'second', attempt: 0 }, labels: { role: 'second' } })];
      const foreign = await scene().start(other);
      const ids = async (filter?: Parameters<CriRuntime['listContainerStats']>[0]) => (await scene().runtime.listContainerStats(filter)).map(({ id }) => id).sort();
      expect(await ids({ podSandboxId: sandbox.id })).toEqual([first, second].sort());
      expect(await ids({ id: second })).toEqual([second]);
      expect(await ids({ labelSelector: { role: 'first' } })).toEqual([first]);
      expect(await ids()).toEqual([first, second, foreign].sort());
    });

    it('[A10] has stats while it runs, and a clean "not found" from its end on', async () => {
      const sandbox = await scene().run();
      const id = await scene().start(sandbox);
      expect((await scene().runtime.containerStats(id)).metadata.name).toBe('main');
      expect((await scene().runtime.listContainerStats()).map((stats) => stats.id)).toContain(id);
      await scene().runtime.stopContainer(id, 0);
      expect(await errorCode(scene().runtime.containerStats(id))).toBe('NotFound');
      await scene().runtime.removeContainer(id);
      expect(await errorCode(scene().runtime.containerStats(id))).toBe('NotFound');
      expect((await scene().runtime.listContainerStats()).map((stats) => stats.id)).not.toContain(id);
    });
  });
}
