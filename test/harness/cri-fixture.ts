import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CriRuntime } from '@podling/cri';
import type { CriFixture } from '@podling/cri/contract';
import { execa } from 'execa';
import type { ContainerdNode } from './containerd-node.ts';
import type { NodeImages } from './node-images.ts';

/** The ground of the contract suite for a runtime on this node. Its clean-up ends the node too. */
export async function criFixture(runtime: CriRuntime, node: ContainerdNode, images: NodeImages): Promise<CriFixture> {
  const [folder, sharedFolder] = [join(node.folder, 'pods'), join(node.folder, 'shared')];
  await mkdir(folder);
  await mkdir(sharedFolder);
  await execa('mount', ['-t', 'tmpfs', 'tmpfs', sharedFolder]);
  await execa('mount', ['--make-shared', sharedFolder]);
  return {
    runtime, images, folder, sharedFolder, nodeNetwork: await networkOf(node), cgroupParent: node.cgroupParent,
    cleanup: async () => {
      await runtime.close();
      await node.stop();
      await images.remove();
    },
  };
}

async function networkOf(node: ContainerdNode): Promise<string> {
  const [command = '', ...args] = node.enter;
  return (await execa(command, [...args, 'readlink', '/proc/self/ns/net'])).stdout;
}
