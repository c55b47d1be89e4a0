import type { Container, ContainerState, CriRuntime } from '@podling/cri';
import { describe, expect, it, vi } from 'vitest';
import { StatusCache } from './status-cache.ts';

/** One sandbox with one container; `asked` are the statuses that the cache wants beyond the lists. */
function setUp() {
  const container = { id: 'c', state: 'CONTAINER_RUNNING' as ContainerState, metadata: { name: 'main', attempt: 0 }, createdAtMs: 1, resources: { cpuShares: 2 } };
  const sandbox = { id: 's', state: 'SANDBOX_READY', metadata: { name: 'pod', namespace: 'default', uid: 'u', attempt: 0 }, createdAtMs: 0 };
  const asked: string[] = [];
  const held: Promise<void>[] = [];
  const runtime = {
    listPodSandboxes: () => Promise.resolve([sandbox]), listContainers: () => Promise.resolve([{ ...container }] as unknown as Container[]),
    podSandboxStatus: (id: string) => Promise.resolve((asked.push(id), { ...sandbox })),
    containerStatus: async (id: string) => {
      const status = { ...container };
      asked.push(id);
      await held.shift();
      return status;
    },
  };
  /** The next answer about the container is on its way until it is let go. Resolves when it is asked for. */
  const hold = (): { asked: Promise<void>; release: () => void } => {
    const { promise, resolve } = Promise.withResolvers<void>();
    held.push(promise);
    return { asked: vi.waitFor(() => expect(held).toEqual([])), release: resolve };
  };
  return { container, asked, hold, cache: new StatusCache(runtime as unknown as CriRuntime) };
}

describe('StatusCache', () => {
  it('asks nothing of a pod at rest, and after an event only for what is in another state', async () => {
    const { container, asked, cache } = setUp();
    await cache.get('u');
    expect(asked.splice(0).toSorted()).toEqual(['c', 's']);
    await cache.get('u');
    cache.invalidate('u');
    await cache.get('u');
    expect(asked).toEqual([]);
    container.state = 'CONTAINER_EXITED';
    cache.invalidate('u');
    expect((await cache.get('u')).containers).toMatchObject([{ state: 'CONTAINER_EXITED' }]);
    expect(asked).toEqual(['c']);
  });

  it('reads all that may have changed after our own doing', async () => {
    const { container, asked, cache } = setUp();
    await cache.get('u');
    container.resources = { cpuShares: 1024 };
    expect((await cache.refresh('u')).containers).toMatchObject([{ resources: { cpuShares: 1024 } }]);
    container.state = 'CONTAINER_EXITED';
    await cache.refresh('u');
    asked.splice(0);
    await cache.refresh('u');
    expect(asked).toEqual(['s']);
  });

  it('keeps what was read last, though an earlier answer comes later', async () => {
    const { container, cache, hold } = setUp();
    const slow = hold();
    const early = cache.get('u');
    await slow.asked;
    container.state = 'CONTAINER_EXITED';
    cache.invalidate('u');
    await cache.get('u');
    slow.release();
    await early;
    expect((await cache.get('u')).containers).toMatchObject([{ state: 'CONTAINER_EXITED' }]);
  });

  it('loses no invalidation to a read under way, however many there were before', async () => {
    const { container, cache, hold } = setUp();
    cache.invalidate('u');
    const slow = hold();
    const early = cache.get('u');
    await slow.asked;
    cache.invalidate('u');
    await cache.get('u');
    container.state = 'CONTAINER_EXITED';
    cache.invalidate('u');
    slow.release();
    await early;
    expect((await cache.get('u')).containers).toMatchObject([{ state: 'CONTAINER_EXITED' }]);
  });

  it('does not go back behind our own doing for somebody else who reads', async () => {
    const { container, asked, cache, hold } = setUp();
    await cache.get('u');
    container.resources = { cpuShares: 1024 };
    const slow = hold();
    const ours = cache.refresh('u');
    await slow.asked;
    asked.splice(0);
    expect((await cache.get('u')).containers).toMatchObject([{ resources: { cpuShares: 1024 } }]);
    slow.release();
    await ours;
    expect((await cache.get('u')).containers).toMatchObject([{ resources: { cpuShares: 1024 } }]);
  });

  it('keeps nothing of a pod that was forgotten while it was read', async () => {
    const { asked, cache, hold } = setUp();
    const slow = hold();
    const early = cache.get('u');
    await slow.asked;
    cache.forget('u');
    slow.release();
    await early;
    asked.splice(0);
    await cache.get('u');
    expect(asked.toSorted()).toEqual(['c', 's']);
  });
});
