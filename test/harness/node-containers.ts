import { ctrArgs, ctrPath } from '@podling/deploy/local';
import type { ClusterNode } from '@podling/deploy/local';
import { execa } from 'execa';

export interface NodeContainer {
  id: string;
  labels: Record<string, string>;
}

/** Every container that a node's containerd knows, with its labels. */
export async function nodeContainers(node: ClusterNode): Promise<NodeContainer[]> {
  const { stdout: ids } = await execa(ctrPath(), [...ctrArgs(node), 'containers', 'ls', '-q']);
  const infos = ids.split('\n').filter((id) => id !== '').map(async (id): Promise<NodeContainer[]> => {
    const { stdout, exitCode } = await execa(ctrPath(), [...ctrArgs(node), 'containers', 'info', id], { reject: false });
    if (exitCode !== 0) return [];
    const info = JSON.parse(stdout) as { ID: string; Labels?: Record<string, string> };
    return [{ id: info.ID, labels: info.Labels ?? {} }];
  });
  return (await Promise.all(infos)).flat();
}
