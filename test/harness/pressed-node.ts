import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { ClusterNode } from '@podling/deploy/local';
import { execa } from 'execa';
import { parse, stringify } from 'yaml';
import { SmallDisk } from './small-disk.ts';

export interface PressedNode {
  /** Other settings of its kubelet, which starts anew; `meanwhile` is done while there is none. */
  change(settings: Record<string, unknown>, meanwhile: () => Promise<void>): Promise<void>;
  /** As it was before; nothing of it stays mounted. */
  release(): Promise<void>;
}

/**
 * A node of a cluster that has a small disk for all that is its own, pods, logs, images and writable layers, and other
 * settings of its kubelet. No pod may be on the node before, nor after.
 */
export async function pressNode(node: ClusterNode, size: { kib: number; inodes: number }, settings: Record<string, unknown>): Promise<PressedNode> {
  const { kubelet, containerd, paths } = node;
  const folders = [paths.kubeletRoot, paths.podLogs, paths.containerdRoot];
  const configuration = await readFile(paths.kubeletConfig, 'utf8');
  const mounted = await Promise.all(folders.map(mountsAt));
  const place = mkdtempSync(join(tmpdir(), 'podling-pressed-'));
  const disk = await SmallDisk.over(place, size.kib, size.inodes);
  await kubelet.stop();
  await containerd.stop();
  for (const folder of folders) {
    const own = join(place, basename(folder));
    if (folder === paths.containerdRoot) await execa('cp', ['--archive', folder, own]);
    else await mkdir(own);
    await execa('mount', ['--bind', own, folder]);
  }
  const configure = (chosen: Record<string, unknown>): Promise<void> => writeFile(paths.kubeletConfig, stringify({ ...(parse(configuration) as object), ...chosen }));
  await configure(settings);
  await containerd.start();
  await kubelet.start();
  return {
    async change(chosen, meanwhile) {
      await kubelet.stop();
      await meanwhile();
      await configure(chosen);
      await kubelet.start();
    },
    async release() {
      await kubelet.stop();
      await containerd.stop();
      for (const [index, folder] of folders.entries()) while ((await mountsAt(folder)) > (mounted[index] ?? 0)) await execa('umount', ['--lazy', folder]);
      await disk.unmount();
      rmSync(place, { recursive: true });
      await writeFile(paths.kubeletConfig, configuration);
      await containerd.start();
      await kubelet.start();
    },
  };
}

async function mountsAt(path: string): Promise<number> {
  const mounts = await readFile('/proc/self/mountinfo', 'utf8');
  return mounts.split('\n').filter((line) => line.split(' ')[4] === path).length;
}
