import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@podling/shared/util';
import { describe, expect, it, vi } from 'vitest';
import { criContract } from '../cri.contract.ts';
import { CriError } from '../cri.ts';
import type { ContainerConfig, ContainerEvent, PodSandboxConfig } from '../cri.ts';
import { createFakeRuntime } from './fake-runtime.ts';

const images = { pause: 'podling.local/pause:1', toolbox: 'podling.local/toolbox:1', entrypoint: 'podling.local/entrypoint:1', accounts: 'podling.local/accounts:1' };

criContract('fake', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'podling-fake-cri-'));
  const runtime = createFakeRuntime({
    clock: systemClock,
    images: Object.values(images),
    behaviour: ({ command }) => (command[0] === '/no/such/binary' ? { startError: 'exec: "/no/such/binary": no such file' } : undefined),
  });
  runtime.failPull('127.0.0.1:9/absent/image:1', 'connection refused');
  return { runtime, images, folder, sharedFolder: folder, nodeNetwork: '', cgroupParent: '/test', cleanup: () => rm(folder, { recursive: true }) };
}, { runsProcesses: false });

const sandboxConfig: PodSandboxConfig = {
  metadata: { name: 'web', namespace: 'default', uid: 'uid-1', attempt: 0 },
  hostname: 'web', logDirectory: '/logs', portMappings: [], labels: {}, annotations: {}, cgroupParent: '/',
};

const containerConfig: ContainerConfig = {
  metadata: { name: 'main', attempt: 0 },
  image: images.toolbox,
  command: ['x'], args: [], workingDir: '', env: [], mounts: [], labels: {}, annotations: {},
  logPath: 'main/0.log', stdin: false, tty: false, linux: {},
};

describe('FakeRuntime', () => {
  it('ends a container as told and says so by an event', async () => {
    const runtime = createFakeRuntime({ clock: systemClock, images: [images.toolbox] });
    const events: ContainerEvent[] = [];
    const aborting = new AbortController();
    const stream = runtime.events(aborting.signal);
    const reading = (async () => {
      for await (const event of stream) events.push(event);
    })();
    const sandboxId = await runtime.runPodSandbox(sandboxConfig);
    const id = await runtime.createContainer(sandboxId, containerConfig, sandboxConfig);
    await runtime.startContainer(id);
    runtime.exitContainer(id, 3, { message: 'crashed' });
    expect(await runtime.containerStatus(id)).toMatchObject({ state: 'CONTAINER_EXITED', exitCode: 3, reason: 'Error', message: 'crashed' });
    await vi.waitFor(() => expect(events.at(-1)).toMatchObject({ type: 'CONTAINER_STOPPED_EVENT', containerId: id }));
    aborting.abort();
    await reading;
  });

  it('fails the next call as told, and only that', async () => {
    const runtime = createFakeRuntime({ clock: systemClock });
    runtime.failNext('runPodSandbox', new CriError('NetworkError', 'no addresses'));
    await expect(runtime.runPodSandbox(sandboxConfig)).rejects.toMatchObject({ code: 'NetworkError' });
    await expect(runtime.runPodSandbox(sandboxConfig)).resolves.toBeTypeOf('string');
  });

  it('is unavailable while it is down, and remembers everything', async () => {
    const runtime = createFakeRuntime({ clock: systemClock });
    const id = await runtime.runPodSandbox(sandboxConfig);
    runtime.setDown(true);
    await expect(runtime.listPodSandboxes()).rejects.toMatchObject({ code: 'Unavailable' });
    expect((await runtime.status()).conditions[0]).toMatchObject({ type: 'RuntimeReady', status: false });
    runtime.setDown(false);
    expect((await runtime.podSandboxStatus(id)).state).toBe('SANDBOX_READY');
  });
});
