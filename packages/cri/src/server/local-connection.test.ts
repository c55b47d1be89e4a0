import { FakeClock } from '@podling/shared/testing';
import { describe, expect, it } from 'vitest';
import { createFakeRuntime } from '../fake/index.ts';
import { orderFields } from '../v1/index.ts';
import type { CriConnection } from '../v1/index.ts';
import { createLocalConnection } from './local-connection.ts';

const clock = new FakeClock();

function connection(delayMs = 0): CriConnection {
  return createLocalConnection(createFakeRuntime({ clock, images: ['podling.local/toolbox:1'], delaysMs: { pullImage: delayMs } }), clock);
}

const config = { metadata: { name: 'web', namespace: 'default', uid: 'u' } };

describe('a connection to a runtime in the same process', () => {
  it('answers as a server does: every field is there', async () => {
    const cri = connection();
    const { podSandboxId } = await cri.runtime('RunPodSandbox', { config });
    const { status } = await cri.runtime('PodSandboxStatus', { podSandboxId: podSandboxId.slice(0, -1), verbose: false });
    expect(status).toMatchObject({ id: podSandboxId, runtimeHandler: '', labels: {}, network: { additionalIps: [] } });
    expect(Object.keys(orderFields('PodSandboxStatus', status ?? {}))).toEqual(['id', 'metadata', 'state', 'createdAt', 'network', 'linux', 'labels', 'annotations', 'runtimeHandler']);
  });

  it('fails as a server does: with a code, and words for it', async () => {
    await expect(connection().runtime('ContainerStatus', { containerId: 'nope', verbose: false })).rejects.toMatchObject({ code: 'NotFound', cause: { code: 5, details: 'container nope not found' } });
    await expect(connection().runtime('RunPodSandbox', { config: {} })).rejects.toMatchObject({ code: 'InvalidArgument', message: 'RunPodSandbox: config.metadata: required' });
  });

  it('gives up what takes too long, or is not wanted any more', async () => {
    const cri = connection(60_000);
    const late = cri.image('PullImage', { image: { image: 'podling.local/a:1' } }, { deadlineMs: 1_000 });
    const failed = expect(late).rejects.toMatchObject({ code: 'DeadlineExceeded' });
    await clock.advance(1_000);
    await failed;
    const unwanted = new AbortController();
    const pulling = cri.image('PullImage', { image: { image: 'podling.local/b:1' } }, { signal: unwanted.signal });
    unwanted.abort();
    await expect(pulling).rejects.toMatchObject({ code: 'Unavailable' });
  });

  it('tells events with the statuses of their pod', async () => {
    const cri = connection();
    const stop = new AbortController();
    const next = cri.events(stop.signal)[Symbol.asyncIterator]().next();
    const { podSandboxId } = await cri.runtime('RunPodSandbox', { config });
    expect((await next).value).toMatchObject({ containerId: podSandboxId, containerEventType: 'CONTAINER_CREATED_EVENT', podSandboxStatus: { metadata: config.metadata }, containersStatuses: [] });
    stop.abort();
  });
});
