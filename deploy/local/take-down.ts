import { existsSync, rmSync } from 'node:fs';
import { runSteps } from '../progress.ts';
import type { Report, Step } from '../progress.ts';
import { clusterPaths, dataRoot } from './cluster-paths.ts';
import type { ClusterRecord } from './cluster-record.ts';
import type { ControlPlaneProcesses } from './control-plane.ts';
import { removeNetwork, restoreForwarding } from './network.ts';
import { endAll, processesNaming, removeContainers, shimsOf, stopLogProcess } from './node-containers.ts';
import type { ClusterNode } from './node-processes.ts';
import { removeCgroups, removeEmptyFolder, removeEmptySharedFolders, removeSharedRecords, unmountAll } from './remains.ts';

export interface DownOptions {
  /** Also removes the cluster's data, so that nothing of it is left. */
  purge?: boolean;
  report?: Report;
}

interface Parts {
  record: ClusterRecord;
  control: ControlPlaneProcesses;
  nodes: ClusterNode[];
}

/**
 * Stops a cluster: kubelets first, so that nobody restarts what goes; then containers, shims and log processes; then
 * flanneld, the control plane, and etcd last. Data is kept unless it is a purge.
 */
export async function takeDown(parts: Parts, { purge = false, report = 'silent' }: DownOptions): Promise<void> {
  const steps: Step[] = [
    { title: 'kubelets', run: () => Promise.all(parts.nodes.map((node) => node.kubelet.stop())) },
    { title: 'containers', run: () => Promise.all(parts.nodes.map(emptyNode)) },
    { title: 'flanneld', run: () => Promise.all(parts.nodes.flatMap(({ flanneld }) => (flanneld ? [flanneld.stop()] : []))) },
    { title: 'control plane', run: () => stopControlPlane(parts.control) },
    { title: 'network', run: () => removeNetwork(parts.record) },
    { title: 'mounts and cgroups', run: () => removeRemains(parts) },
    ...(purge ? [{ title: 'data', run: async () => removeData(parts.record.name) }] : []),
  ];
  await runSteps(steps, { report, concurrent: false });
}

/** Ends all that runs on a node below its kubelet. A containerd that is down is started once more to give names and addresses back. */
async function emptyNode(node: ClusterNode): Promise<void> {
  if (existsSync(node.paths.containerdConfig) && existsSync(`/run/netns/${node.netns}`)) {
    await node.containerd.kill('SIGCONT');
    const usable = await node.containerd.start().then(() => true, () => false);
    if (usable) await removeContainers(node);
  }
  await stopLogProcess(node);
  await node.containerd.stop();
  // Below CRI nobody gave the addresses of its sandboxes back.
  if (node.runtime === 'cri') rmSync(node.paths.ipamData, { recursive: true, force: true });
  removeSharedRecords(node);
  await endAll(shimsOf(node), 'SIGKILL');
}

async function stopControlPlane({ etcd, apiserver, scheduler, controllerManager, coredns }: ControlPlaneProcesses): Promise<void> {
  await Promise.all([scheduler.stop(), controllerManager.stop(), coredns.stop()]);
  await apiserver.stop();
  await etcd.stop();
}

async function removeRemains({ record, nodes }: Parts): Promise<void> {
  await removeCgroups(record.name);
  const { run, data } = clusterPaths(record.name);
  await endAll([...new Set([run, data].flatMap(processesNaming))], 'SIGKILL');
  await unmountAll(record.name);
  for (const node of nodes) removeSharedRecords(node);
  rmSync(run, { recursive: true, force: true });
  removeEmptySharedFolders();
}

function removeData(cluster: string): void {
  rmSync(clusterPaths(cluster).data, { recursive: true, force: true });
  restoreForwarding();
  removeEmptyFolder(dataRoot);
}
