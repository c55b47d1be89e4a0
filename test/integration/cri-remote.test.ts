import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { criContract, Scene } from '@podling/cri/contract';
import type { Lacks } from '@podling/cri/contract';
import { createRemoteRuntime } from '@podling/cri/remote';
import { createLogger } from '@podling/shared/util';
import { describe, expect, it } from 'vitest';
import { startContainerdNode } from '../harness/containerd-node.ts';
import { criFixture } from '../harness/cri-fixture.ts';
import { criLacks } from '../harness/cri-lacks.ts';
import { eventsStarted } from '../harness/events-started.ts';
import { eventually } from '../harness/eventually.ts';
import { buildNodeImages } from '../harness/node-images.ts';

const logger = createLogger('test', 'error');
const outputs = { tty: false, stdin: false, stdout: true, stderr: true };

async function refused(scene: Scene, overrides: Parameters<Scene['containerConfig']>[0]): Promise<void> {
  const sandbox = await scene.run();
  await expect(scene.runtime.createContainer(sandbox.id, scene.containerConfig(overrides), sandbox.config)).rejects.toMatchObject({ code: 'InvalidArgument' });
}

/** What containerd 1.7 does not keep besides; the rows of docs/runtimes.md. */
const lacks: Lacks = {
  ...criLacks,
  stopSignal: {
    why: 'containerd 1.7 is older than the field',
    instead: async (scene) => {
      const id = await scene.start(await scene.run(), { image: scene.fixture.images.accounts, command: ['sh', '-c', 'trap "exit 3" INT; while :; do sleep 0.05; done'], stopSignal: 'SIGKILL' });
      await scene.runtime.stopContainer(id, 30);
      expect((await scene.runtime.containerStatus(id)).exitCode).toBe(3);
    },
  },
  hostsFile: {
    why: 'the kubelet writes it and mounts it',
    instead: async (scene) => {
      expect((await scene.script('cat /etc/hosts')).text).toBe(readFileSync('/etc/hosts', 'utf8').trimEnd());
    },
  },
  supplementalGroupsPolicy: {
    why: 'containerd 1.7 is older than the field, so it is refused',
    instead: (scene) => refused(scene, { securityContext: { supplementalGroups: [7], supplementalGroupsPolicy: 'Strict' } }),
  },
  recursiveReadOnly: {
    why: 'containerd 1.7 is older than the field, so it is refused',
    instead: (scene) => refused(scene, { mounts: [{ hostPath: scene.fixture.sharedFolder, containerPath: '/at', readonly: true, recursiveReadOnly: true }] }),
  },
  heldOutput: {
    why: 'containerd 1.7 fails such a command when it has ended',
    instead: async (scene) => {
      const id = await scene.start(await scene.run());
      const command = ['sh', '-c', 'sleep 600 & echo done'];
      await expect(scene.runtime.execSync(id, command, 30)).rejects.toMatchObject({ code: 'Unknown', message: expect.stringContaining('io is still held by other processes') as string });
    },
  },
  unreadStdin: {
    why: 'containerd 1.7 may fail such a command when it has ended',
    instead: async (scene) => {
      const session = await scene.runtime.exec(await scene.start(await scene.run()), { command: ['sh', '-c', 'exec <&-; echo closed'], ...outputs, stdin: true });
      session.stdin?.on('error', () => undefined);
      session.stdin?.write(Buffer.alloc(1024 * 1024));
      const ended = session.exited.catch((error: unknown) => error);
      expect(await text(session.stdout as Readable)).toBe('closed\n');
      expect([0, expect.objectContaining({ code: 'Unknown', message: expect.stringContaining('io is still held by other processes') as string })]).toContainEqual(await ended);
      await session.close();
    },
  },
  execKill: {
    why: 'containerd lets it run, as under Kubernetes',
    instead: async (scene) => {
      const id = await scene.start(await scene.run());
      const session = await scene.runtime.exec(id, { command: ['sh', '-c', 'echo runs; exec sleep 333'], ...outputs });
      await once(session.stdout as Readable, 'data');
      await session.close();
      await expect(session.exited).rejects.toMatchObject({ code: 'Unavailable' });
      expect((await scene.runtime.execSync(id, ['ps'], 10)).stdout.toString()).toContain('sleep 333');
    },
  },
  portForwardHalfClose: {
    why: 'containerd ends the other direction too, a second later',
    instead: async (scene) => {
      const sandbox = await scene.run();
      const command = ['sh', '-c', 'while :; do nc -l -p 7000 -e sh -c "cat; sleep 5; echo ended"; done'];
      const id = await scene.start(sandbox, { command });
      await scene.runtime.execSync(id, ['sh', '-c', 'until grep -qs ":1B58 .* 0A " /proc/net/tcp /proc/net/tcp6; do sleep 0.05; done'], 30);
      const connection = await scene.runtime.portForward(sandbox.id, 7000);
      connection.end('hello');
      expect(await text(connection)).not.toContain('ended');
    },
  },
};

describe('remote runtime whose containerd is killed and started again', () => {
  it('works again by itself: its containers went on, and events come again', async () => {
    const images = await buildNodeImages();
    const node = await startContainerdNode({ archives: images.archives, cri: { pauseImage: images.pause } });
    const runtime = createRemoteRuntime({ endpoint: `unix://${node.address}`, logger });
    const scene = new Scene(await criFixture(runtime, node, images));
    try {
      const id = await scene.start(await scene.run());
      const before = await runtime.containerStatus(id);
      const events = runtime.events(new AbortController().signal)[Symbol.asyncIterator]();
      const lost = expect((async () => {
        for (;;) await events.next();
      })()).rejects.toMatchObject({ code: 'Unavailable' });
      await node.killContainerd();
      await lost;
      await expect(runtime.listContainers()).rejects.toMatchObject({ code: 'Unavailable' });
      expect((await runtime.status()).conditions[0]).toMatchObject({ type: 'RuntimeReady', status: false });
      await node.startContainerd();
      await eventually('the runtime answers', () => runtime.listContainers().then(() => true, () => false));
      expect(await runtime.containerStatus(id)).toEqual(before);
      await eventsStarted(runtime);
      const next = runtime.events(new AbortController().signal)[Symbol.asyncIterator]().next();
      await runtime.stopContainer(id, 0);
      expect((await next).value).toMatchObject({ containerId: id, type: 'CONTAINER_STOPPED_EVENT' });
      expect((await runtime.containerStatus(id)).exitCode).toBe(137);
    } finally {
      await scene.clear();
      await scene.fixture.cleanup();
    }
  });
});

criContract('remote', async () => {
  const images = await buildNodeImages();
  const node = await startContainerdNode({ archives: images.archives, cri: { pauseImage: images.pause } });
  const runtime = createRemoteRuntime({ endpoint: `unix://${node.address}`, logger });
  return criFixture(runtime, node, images);
}, { runsProcesses: true, lacks });
