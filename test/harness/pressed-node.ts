import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClusterNode } from '@podling/deploy/local';
import { execa } from 'execa';
import { parse, stringify } from 'yaml';
import { SmallDisk } from './small-disk.ts';

export interface PressedNode {
  /** As it was before; nothing of it stays mounted. */
  release(): Promise<void>;
}

/**
 * A node of a cluster whose kubelet has a small disk of its own, for pods and for logs, and other settings. No pod may be
 * on the node before, nor after.
 */
export async function pressNode({ kubelet, paths }: ClusterNode, disk: { kib: number; inodes: number }, settings: Record<string, unknown>): Promise<PressedNode> {
  const configuration = await readFile(paths.kubeletConfig, 'utf8');
  const mounted = await mountsAt(paths.kubeletRoot);
  await kubelet.stop();
  await SmallDisk.over(paths.kubeletRoot, disk.kib, disk.inodes);
  const logs = join(paths.kubeletRoot, 'pod-logs');
  await mkdir(logs);
  await execa('mount', ['--bind', logs, paths.podLogs]);
  await writeFile(paths.kubeletConfig, stringify({ ...(parse(configuration) as object), ...settings }));
  await kubelet.start();
  return {
    async release() {
      await kubelet.stop();
      await execa('umount', ['--lazy', paths.podLogs]);
      while ((await mountsAt(paths.kubeletRoot)) > mounted) await execa('umount', ['--lazy', paths.kubeletRoot]);
      await writeFile(paths.kubeletConfig, configuration);
      await kubelet.start();
    },
  };
}

async function mountsAt(path: string): Promise<number> {
  const mounts = await readFile('/proc/self/mountinfo', 'utf8');
  return mounts.split('\n').filter((line) => line.split(' ')[4] === path).length;
}
