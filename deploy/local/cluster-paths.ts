import { join } from 'node:path';

/** Where one node keeps its files. */
export interface NodePaths {
  data: string;
  run: string;
  containerdRoot: string;
  containerdState: string;
  containerdSocket: string;
  containerdConfig: string;
  /** The container runtime's own records: FIFOs, log process. */
  runtimeState: string;
  cniConf: string;
  cniData: string;
  ipamData: string;
  /** CA, mirrors and the like of registries, a folder for each. */
  registryHosts: string;
  nerdctlData: string;
  subnetFile: string;
  kubeletRoot: string;
  podLogs: string;
  kubeconfig: string;
  kubeletConfig: string;
  /** For `crictl --config`. */
  crictlConfig: string;
  /** Pods that the node runs of itself. */
  manifests: string;
}

/** Where a cluster keeps its files. `data` outlives `down`, `run` does not outlive a reboot. */
export interface ClusterPaths {
  data: string;
  run: string;
  record: string;
  lock: string;
  pki: string;
  adminKubeconfig: string;
  schedulerKubeconfig: string;
  controllerManagerKubeconfig: string;
  etcdData: string;
  corefile: string;
  logs: string;
  pids: string;
  node(name: string): NodePaths;
}

export const dataRoot = '/var/lib/podling';
export const runRoot = '/run/podling';

/** Derives every path of a cluster from its name. */
export function clusterPaths(cluster: string): ClusterPaths {
  const data = join(dataRoot, cluster);
  const run = join(runRoot, cluster);
  return {
    data,
    run,
    record: join(data, 'cluster.json'),
    lock: join(runRoot, `${cluster}.lock`),
    pki: join(data, 'pki'),
    adminKubeconfig: join(data, 'admin.kubeconfig'),
    schedulerKubeconfig: join(data, 'scheduler.kubeconfig'),
    controllerManagerKubeconfig: join(data, 'controller-manager.kubeconfig'),
    etcdData: join(data, 'etcd'),
    corefile: join(data, 'Corefile'),
    logs: join(data, 'logs'),
    pids: join(run, 'pids'),
    node: (name) => nodePaths(join(data, 'nodes', name), join(run, name)),
  };
}

function nodePaths(data: string, run: string): NodePaths {
  return {
    data,
    run,
    containerdRoot: join(data, 'containerd'),
    containerdState: join(run, 'containerd'),
    containerdSocket: join(run, 'containerd.sock'),
    containerdConfig: join(data, 'containerd.toml'),
    runtimeState: join(run, 'runtime'),
    cniConf: join(data, 'cni/net.d'),
    cniData: join(data, 'cni/flannel'),
    ipamData: join(data, 'cni/ipam'),
    registryHosts: join(data, 'kubelet/certs.d'),
    nerdctlData: join(data, 'nerdctl'),
    subnetFile: join(data, 'flannel-subnet.env'),
    kubeletRoot: join(data, 'kubelet'),
    podLogs: join(data, 'pod-logs'),
    kubeconfig: join(data, 'kubelet.kubeconfig'),
    kubeletConfig: join(data, 'kubelet.yaml'),
    crictlConfig: join(data, 'crictl.yaml'),
    manifests: join(data, 'manifests'),
  };
}
