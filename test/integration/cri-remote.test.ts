import { existsSync, readFileSync } from 'node:fs';
import { criContract } from '@podling/cri/contract';
import type { Lacks, Scene } from '@podling/cri/contract';
import { createRemoteRuntime } from '@podling/cri/remote';
import { createLogger } from '@podling/shared/util';
import { expect } from 'vitest';
import { startContainerdNode } from '../harness/containerd-node.ts';
import { criFixture } from '../harness/cri-fixture.ts';
import { buildNodeImages } from '../harness/node-images.ts';

const logger = createLogger('test', 'error');

async function refused(scene: Scene, overrides: Parameters<Scene['containerConfig']>[0]): Promise<void> {
  const sandbox = await scene.run();
  await expect(scene.runtime.createContainer(sandbox.id, scene.containerConfig(overrides), sandbox.config)).rejects.toMatchObject({ code: 'InvalidArgument' });
}

/** What containerd 1.7 does not keep; the rows of docs/runtimes.md. */
const lacks: Lacks = {
  domainname: {
    why: 'CRI has no field for it',
    instead: async (scene) => {
      const sandbox = await scene.run(scene.sandboxConfig({ domainname: 'sub.default.svc.cluster.local' }));
      expect((await scene.script('cat /proc/sys/kernel/domainname', {}, sandbox)).text).toBe(readFileSync('/proc/sys/kernel/domainname', 'utf8').trim());
    },
  },
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

criContract('remote', async () => {
  const images = await buildNodeImages();
  const node = await startContainerdNode({ archives: images.archives, cri: { pauseImage: images.pause } });
  const runtime = createRemoteRuntime({ endpoint: `unix://${node.address}`, logger });
  return criFixture(runtime, node, images);
}, { runsProcesses: true, lacks });
