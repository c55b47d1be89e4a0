import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createContainerdRuntime } from '@podling/cri/containerd';
import { criContract } from '@podling/cri/contract';
import type { Lacks, Scene } from '@podling/cri/contract';
import { createRemoteRuntime } from '@podling/cri/remote';
import { createCriServer } from '@podling/cri/server';
import { StreamingServer } from '@podling/cri/streaming';
import { text } from 'node:stream/consumers';
import { createLogger } from '@podling/shared/util';
import { expect } from 'vitest';
import { startContainerdNode } from '../harness/containerd-node.ts';
import { criFixture } from '../harness/cri-fixture.ts';
import { eventually } from '../harness/eventually.ts';
import { buildNodeImages } from '../harness/node-images.ts';

const logger = createLogger('test', 'error');

/** What CRI itself cannot say, whoever serves it. */
const lacks: Lacks = {
  domainname: {
    why: 'CRI has no field for it',
    instead: async (scene) => {
      const sandbox = await scene.run(scene.sandboxConfig({ domainname: 'sub.default.svc.cluster.local' }));
      expect((await scene.script('cat /proc/sys/kernel/domainname', {}, sandbox)).text).toBe(readFileSync('/proc/sys/kernel/domainname', 'utf8').trim());
    },
  },
  execStart: {
    why: 'only the end of a session tells',
    instead: async (scene) => {
      const session = await scene.runtime.exec(await scene.start(await scene.run()), { command: ['no-such-command'], tty: false, stdin: false, stdout: true, stderr: true });
      await expect(session.exited).rejects.toMatchObject({ code: 'StartError', message: expect.stringContaining('executable file not found in $PATH') as string });
    },
  },
  portForwardStart: {
    why: 'the connection itself tells',
    instead: async (scene) => {
      const connection = await scene.runtime.portForward((await scene.run()).id, 7001);
      await expect(text(connection)).rejects.toMatchObject({ code: 'Unavailable', message: expect.stringContaining('connection refused') as string });
    },
  },
  ...(existsSync('/sys/fs/cgroup/cgroup.controllers') ? {} : {
    pidsLimit: {
      why: 'CRI has no field for it on cgroup v1: the pod\'s cgroup has the limit',
      instead: async (scene: Scene) => {
        const id = await scene.start(await scene.run(), { linux: { pidsLimit: 50 } });
        const { stdout } = await scene.runtime.execSync(id, ['cat', '/sys/fs/cgroup/pids/pids.max'], 10);
        expect(stdout.toString()).toBe('max\n');
      },
    },
  }),
};

criContract('remote over the CRI server over containerd', async () => {
  const images = await buildNodeImages();
  const node = await startContainerdNode({ archives: images.archives });
  const native = createContainerdRuntime({ ...node, pauseImage: images.pause, logger });
  const streaming = new StreamingServer({ runtime: native, logger });
  const socket = join(node.folder, 'served.sock');
  const server = createCriServer({ runtime: native, listen: `unix://${socket}`, urls: streaming, logger });
  await streaming.start();
  await server.start();
  expect(statSync(socket).mode & 0o777).toBe(0o600);
  const runtime = createRemoteRuntime({ endpoint: `unix://${socket}`, logger });
  await eventually('the event stream is there', async () => {
    const aborting = new AbortController();
    const next = runtime.events(aborting.signal)[Symbol.asyncIterator]().next();
    aborting.abort();
    return next.then(() => true, () => false);
  });
  const fixture = await criFixture(runtime, node, images);
  return {
    ...fixture,
    cleanup: async () => {
      await runtime.close();
      await server.stop();
      await streaming.stop();
      await native.close();
      await fixture.cleanup();
    },
  };
}, { runsProcesses: true, lacks });
