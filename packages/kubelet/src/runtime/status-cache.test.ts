import type { Container, ContainerState, CriRuntime } from '@podling/cri';
import { describe, expect, it } from 'vitest';
import { StatusCache } from './status-cache.ts';

/** One sandbox with one container; `asked` are the statuses that the cache wants beyond the lists. */
function setUp() {
  const container = { id: 'c', state: 'CONTAINER_RUNNING' as ContainerState, metadata: { name: 'main', attempt: 0 }, createdAtMs: 1, resources: { cpuShares: 2 } };
  const sandbox = { id: 's', state: 'SANDBOX_READY', metadata: { name: 'pod', namespace: 'default', uid: 'u', attempt: 0 }, createdAtMs: 0 };
  const asked: string[] = [];
  const status = <T extends object>(object: T) => (id: string) => Promise.resolve((asked.push(id), { ...object }));
  const runtime = {
    listPodSandboxes: () => Promise.resolve([sandbox]), listContainers: () => Promise.resolve([{ ...container }] as unknown as Container[]),
    podSandboxStatus: (id: string) => status(sandbox)(id), containerStatus: (id: string) => status(container)(id),
  };
  return { container, asked, cache: new StatusCache(runtime as unknown as CriRuntime) };
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
});
