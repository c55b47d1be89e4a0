import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { run } from '../exec.ts';
import { ensureImages } from '../images/index.ts';
import { ctrArgs, ctrPath } from './node-processes.ts';
import type { ClusterNode } from './node-processes.ts';

/** Imports an image archive (OCI or docker) into a node's containerd and unpacks it. */
export async function importImage(node: ClusterNode, tar: string): Promise<void> {
  await run(ctrPath(), [...ctrArgs(node), 'images', 'import', tar]);
}

/** Imports the images that a cluster needs, once per node and content. */
export async function importOwnImages(node: ClusterNode): Promise<void> {
  for (const { tar } of Object.values(await ensureImages())) {
    const stamp = join(node.paths.containerdRoot, `.imported-${basename(tar)}`);
    if (existsSync(stamp)) continue;
    await importImage(node, tar);
    await writeFile(stamp, '');
  }
}
