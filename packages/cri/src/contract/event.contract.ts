import { describe, expect, it, vi } from 'vitest';
import type { ContainerEvent } from '../cri.ts';
import { PATIENCE } from './scene.ts';
import type { Scene } from './scene.ts';

export function eventContract(scene: () => Scene): void {
  describe('events', () => {
    it('tell of creation, start, stop and deletion of a container and its sandbox, in order', async () => {
      const seen: ContainerEvent[] = [];
      const aborting = new AbortController();
      const reading = (async () => {
        for await (const event of scene().runtime.events(aborting.signal)) seen.push(event);
      })();
      const sandbox = await scene().run();
      const id = await scene().start(sandbox);
      await scene().runtime.stopContainer(id, 0);
      await scene().runtime.removeContainer(id);
      await scene().runtime.removePodSandbox(sandbox.id);
      const types = (of: string) => seen.filter(({ containerId }) => containerId === of).map(({ type }) => type);
      const all = ['CONTAINER_CREATED_EVENT', 'CONTAINER_STARTED_EVENT', 'CONTAINER_STOPPED_EVENT', 'CONTAINER_DELETED_EVENT'];
      await vi.waitFor(() => expect([types(id), types(sandbox.id)]).toEqual([all, all]), PATIENCE);
      expect(seen.find(({ containerId }) => containerId === id)?.podSandboxMetadata).toEqual(sandbox.config.metadata);
      expect(seen.every(({ timestampMs }) => timestampMs > 0)).toBe(true);
      aborting.abort();
      await reading;
    });
  });
}
