import { statSync } from 'node:fs';
import { join } from 'node:path';
import { createContainerdRuntime } from '@podling/cri/containerd';
import { criContract } from '@podling/cri/contract';
import { createRemoteRuntime } from '@podling/cri/remote';
import { createCriServer } from '@podling/cri/server';
import { StreamingServer } from '@podling/cri/streaming';
import { createLogger } from '@podling/shared/util';
import { expect } from 'vitest';
import { startContainerdNode } from '../harness/containerd-node.ts';
import { criFixture } from '../harness/cri-fixture.ts';
import { criLacks } from '../harness/cri-lacks.ts';
import { eventsStarted } from '../harness/events-started.ts';
import { buildNodeImages } from '../harness/node-images.ts';

const logger = createLogger('test', 'error');

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
  await eventsStarted(runtime);
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
}, { runsProcesses: true, lacks: criLacks });
