import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContainerConfig, CriRuntime, PodSandboxConfig } from '@podling/cri';
import { createContainerdRuntime } from '@podling/cri/containerd';
import { createLogger } from '@podling/shared/util';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startContainerdNode } from '../harness/containerd-node.ts';
import type { ContainerdNode } from '../harness/containerd-node.ts';
import { eventsStarted } from '../harness/events-started.ts';
import { eventually } from '../harness/eventually.ts';
import { buildNodeImages } from '../harness/node-images.ts';
import type { NodeImages } from '../harness/node-images.ts';

const PODS = 12;

describe('containerd killed while pods are made', () => {
  let images: NodeImages;
  let node: ContainerdNode;
  let runtime: CriRuntime;

  beforeEach(async () => {
    images = await buildNodeImages();
    node = await startContainerdNode({ archives: images.archives });
    runtime = createContainerdRuntime({ ...node, pauseImage: images.pause, logger: createLogger('test', 'error') });
    await eventsStarted(runtime);
  });
  afterEach(async () => {
    await runtime.close();
    await node.stop();
    await images.remove();
  });

  function sandboxConfig(): PodSandboxConfig {
    const uid = randomUUID();
    return {
      metadata: { name: 'web', namespace: 'default', uid, attempt: 0 },
      hostname: 'web', logDirectory: join(node.folder, 'pods', uid), portMappings: [], annotations: {}, labels: {},
      cgroupParent: `${node.cgroupParent}/pod${uid}`,
    };
  }

  function containerConfig(): ContainerConfig {
    return {
      metadata: { name: 'main', attempt: 0 }, image: images.toolbox, command: ['sleep', '600'], args: [],
      workingDir: '', env: [], mounts: [], labels: {}, annotations: {}, logPath: 'main/0.log', stdin: false, tty: false, linux: {},
    };
  }

  async function runPod(config: PodSandboxConfig): Promise<void> {
    const id = await runtime.runPodSandbox(config);
    await runtime.startContainer(await runtime.createContainer(id, containerConfig(), config));
  }

  async function removePods(): Promise<void> {
    for (const { id } of await runtime.listPodSandboxes()) {
      await runtime.stopPodSandbox(id);
      await runtime.removePodSandbox(id);
    }
  }

  function processes(): string[] {
    const text = (pid: string, file: string) => {
      try {
        return readFileSync(join('/proc', pid, file), 'utf8').replaceAll('\0', ' ');
      } catch {
        return '';
      }
    };
    const ours = (pid: string) => text(pid, 'cgroup').includes(`${node.cgroupParent}/`) || /containerd-shim/.test(text(pid, 'cmdline')) && text(pid, 'cmdline').includes(node.address);
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && ours(name)).map((pid) => `${pid} ${text(pid, 'cmdline')}`);
  }

  function containerCgroups(): string[] {
    const folders = readdirSync('/sys/fs/cgroup').map((controller) => join('/sys/fs/cgroup', controller, node.cgroupParent)).filter((folder) => existsSync(folder));
    const cgroups = folders.flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }));
    return cgroups.filter((entry) => entry.isDirectory() && /^[0-9a-f]{64}$/.test(entry.name)).map((entry) => join(entry.parentPath, entry.name));
  }

  async function veths(): Promise<string[]> {
    const netns = node.enter[1]?.split('/').at(-1) ?? '';
    const { stdout } = await execa('ip', ['-n', netns, '-o', 'link', 'show', 'type', 'veth']);
    return stdout.split('\n').filter((line) => /master cni0/.test(line));
  }

  async function remains(): Promise<object> {
    const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n').map((line) => line.split(' ')[1] ?? '');
    const bundles = join(node.folder, 'state/io.containerd.runtime.v2.task', node.namespace);
    return {
      processes: processes(),
      containers: await node.ctr('containers', 'list', '--quiet'),
      tasks: await node.ctr('tasks', 'list', '--quiet'),
      addresses: (await readdir(join(node.folder, 'ipam/flannel')).catch(() => [])).filter((file) => /^\d+\./.test(file)),
      veths: await veths(),
      cgroups: containerCgroups(),
      mounts: mounts.filter((mount) => mount.startsWith(node.stateDir) || mount.startsWith(bundles)),
      bundles: await readdir(bundles).catch(() => []),
    };
  }

  const nothing = { processes: [], containers: '', tasks: '', addresses: [], veths: [], cgroups: [], mounts: [], bundles: [] };

  async function settled(): Promise<void> {
    await eventually('nothing remains', async () => expect(await remains()).toEqual(nothing) ?? true, { timeoutMs: 15_000 }).catch(() => {});
    expect(await remains()).toEqual(nothing);
  }

  /** Several moments, since what is half made depends on when containerd ends. */
  it('leaves nothing half made, whether the pods are tried again or given up', async () => {
    for (const sandboxesSeen of [1, 4, 8]) {
      const configs = Array.from({ length: PODS }, sandboxConfig);
      const first = configs.map((config) => runPod(config).catch(() => {}));
      await eventually('some shims are there', () => processes().filter((line) => line.includes('containerd-shim')).length >= sandboxesSeen, { intervalMs: 5 });
      await node.killContainerd();
      await node.startContainerd();
      await Promise.all(first);
      await eventsStarted(runtime);
      const again = configs.slice(PODS / 2);
      for (const config of again) await eventually('the pod runs', () => runPodAgain(config));
      await removePods();
      await settled();
    }
  }, 240_000);

  async function runPodAgain(config: PodSandboxConfig): Promise<boolean> {
    const isHere = (await runtime.listPodSandboxes()).some(({ metadata, state }) => metadata.uid === config.metadata.uid && state === 'SANDBOX_READY');
    if (!isHere) await runtime.runPodSandbox(config);
    return true;
  }
});
