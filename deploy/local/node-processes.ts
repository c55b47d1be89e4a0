import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { criToolchainBin, readPodCidr, toolchainDir } from '@podling/shared/process';
import { ask } from '../exec.ts';
import { pauseRef } from '../images/pause-image.ts';
import { ensureNodeCertificates, nodeCertificates, writeKubeconfig } from '../pki/index.ts';
import type { ControlPlaneCertificates } from '../pki/index.ts';
import { clusterDomain, clusterNameservers } from './cluster-dns.ts';
import { cgroupRoot, networkNamespace, nodeName } from './cluster-names.ts';
import { clusterPaths } from './cluster-paths.ts';
import type { NodePaths } from './cluster-paths.ts';
import { bridgePodCidr, nodeIp } from './cluster-record.ts';
import type { ClusterNetwork, ClusterRecord, ClusterRuntime } from './cluster-record.ts';
import { apiserverUrl, etcdUrl, filesOf } from './control-plane.ts';
import { isHealthy } from './https-json.ts';
import { managedProcess } from './managed-process.ts';
import type { ManagedProcess } from './managed-process.ts';
import { insideNode } from './network.ts';
import { flagWords, podlingProcess, toolEnvironment } from './podling-process.ts';
import { bridgeConflist } from './render/bridge-conflist.ts';
import { nodeContainerdConfig } from './render/containerd-config.ts';
import { flannelConflist } from './render/flannel-conflist.ts';
import { crictlConfig } from './render/crictl-config.ts';
import { kubeletConfig } from './render/kubelet-config.ts';

/** containerd's namespace for a node's containers; CRI's is fixed. */
export const containerdNamespaces: Record<ClusterRuntime, string> = { native: 'podling', cri: 'k8s.io' };

/** One node of a cluster: its place on the machine and its processes. */
export interface ClusterNode {
  name: string;
  /** Counted from 1. */
  index: number;
  ip: string;
  netns: string;
  runtime: ClusterRuntime;
  network: ClusterNetwork;
  containerdAddress: string;
  containerdNamespace: string;
  containerdStateDir: string;
  cgroupRoot: string;
  paths: NodePaths;
  containerd: ManagedProcess;
  /** Absent on a cluster with another network. */
  flanneld?: ManagedProcess;
  kubelet: ManagedProcess;
}

/** All of a node's processes. */
export function nodeProcesses({ containerd, flanneld, kubelet }: ClusterNode): ManagedProcess[] {
  return [containerd, ...(flanneld ? [flanneld] : []), kubelet];
}

/** Describes node `index` of a cluster; nothing is made or started. */
export function clusterNode(record: ClusterRecord, pki: ControlPlaneCertificates, index: number): ClusterNode {
  const name = nodeName(index);
  const paths = clusterPaths(record.name).node(name);
  const place = {
    name,
    index,
    ip: nodeIp(record, index),
    netns: networkNamespace(record.name, name),
    runtime: record.runtime,
    network: record.network,
    containerdAddress: paths.containerdSocket,
    containerdNamespace: containerdNamespaces[record.runtime],
    containerdStateDir: paths.runtimeState,
    cgroupRoot: `${cgroupRoot(record.name)}/${name}`,
    paths,
  };
  return {
    ...place,
    containerd: containerd(record, place),
    ...(record.network === 'flannel' ? { flanneld: flanneld(record, pki, place) } : {}),
    kubelet: kubelet(record, pki, place),
  };
}

type Place = Omit<ClusterNode, 'containerd' | 'flanneld' | 'kubelet'>;

/** Writes a node's configuration: containerd, CNI, certificates, kubeconfig. */
export async function configureNode(record: ClusterRecord, pki: ControlPlaneCertificates, node: ClusterNode): Promise<void> {
  const { paths } = node;
  const folders = [paths.cniConf, paths.runtimeState, paths.kubeletRoot, paths.podLogs, paths.nerdctlData, paths.manifests, paths.registryHosts, dirname(paths.containerdSocket)];
  await Promise.all(folders.map((folder) => mkdir(folder, { recursive: true })));
  await Promise.all([
    writeFile(paths.containerdConfig, nodeContainerdConfig(paths, record.runtime)),
    writeFile(paths.kubeletConfig, kubeletConfig(paths)),
    writeFile(paths.crictlConfig, nodeCrictlConfig(node)),
    writeFile(join(paths.cniConf, `10-${record.network}.conflist`), conflist(record, node)),
    nodeCredentials(record, pki, node),
  ]);
}

function nodeCrictlConfig(node: ClusterNode): string {
  const { kubeletRoot, registryHosts } = node.paths;
  if (node.runtime === 'cri') return crictlConfig(`unix://${node.containerdAddress}`);
  return crictlConfig(`native://${node.containerdAddress}`, { 'root-dir': kubeletRoot, 'registry-hosts-dirs': [registryHosts], ...nativePlaces(node) });
}

function conflist(record: ClusterRecord, { paths, index }: ClusterNode): string {
  return record.network === 'flannel' ? flannelConflist(paths) : bridgeConflist(paths, bridgePodCidr(record, index));
}

async function nodeCredentials(record: ClusterRecord, pki: ControlPlaneCertificates, node: ClusterNode): Promise<void> {
  const { client } = await ensureNodeCertificates(clusterPaths(record.name).pki, node);
  const user = `system:node:${node.name}`;
  await writeKubeconfig(node.paths.kubeconfig, { server: apiserverUrl(record), clusterName: record.name, caFile: pki.ca, user, client });
}

/** The node's part of the pod network; flanneld leases it, and it is undefined until then. */
export async function podCidrOf(record: ClusterRecord, node: Pick<ClusterNode, 'paths' | 'index'>): Promise<string | undefined> {
  return record.network === 'flannel' ? readPodCidr(node.paths.subnetFile) : bridgePodCidr(record, node.index);
}

/** Runs ctr on the node's containerd, in the namespace of the node's containers. */
export const ctrArgs = (node: Pick<ClusterNode, 'containerdAddress' | 'containerdNamespace'>): string[] => [
  '--address', node.containerdAddress, '--namespace', node.containerdNamespace,
];
export const ctrPath = (): string => join(toolchainDir(), 'bin/ctr');

function nodeProcess(record: ClusterRecord, place: Place, part: string, words: string[], ready: () => Promise<boolean>): ManagedProcess {
  const [command, args] = insideNode(place.netns, words);
  const name = `${part}/${place.name}`;
  return managedProcess({ name, command, args, env: toolEnvironment(record.runtime === 'cri'), ...filesOf(clusterPaths(record.name), name), ready });
}

function containerd(record: ClusterRecord, place: Place): ManagedProcess {
  const folder = record.runtime === 'cri' ? criToolchainBin() : join(toolchainDir(), 'bin');
  const words = [join(folder, 'containerd'), '--config', place.paths.containerdConfig];
  return nodeProcess(record, place, 'containerd', words, async () => (await ask(ctrPath(), ['--address', place.containerdAddress, 'version'])) !== undefined);
}

function flanneld(record: ClusterRecord, pki: ControlPlaneCertificates, place: Place): ManagedProcess {
  const words = [
    join(toolchainDir(), 'bin/flanneld'),
    `-etcd-endpoints=${etcdUrl(record)}`,
    `-etcd-cafile=${pki.etcdCa}`,
    `-etcd-certfile=${pki.flannelEtcdClient.cert}`,
    `-etcd-keyfile=${pki.flannelEtcdClient.key}`,
    '-iface=eth0',
    '-ip-masq',
    `-subnet-file=${place.paths.subnetFile}`,
  ];
  const inNode = (...args: string[]): Promise<string | undefined> => ask('ip', ['-n', place.netns, ...args]);
  return nodeProcess(record, place, 'flanneld', words, async () => {
    return (await podCidrOf(record, place)) !== undefined && (await inNode('link', 'show', 'flannel.1', 'up')) !== undefined;
  });
}

function kubelet(record: ClusterRecord, pki: ControlPlaneCertificates, place: Place): ManagedProcess {
  const name = `kubelet/${place.name}`;
  const [command, prefix] = insideNode(place.netns, []);
  return podlingProcess({
    name,
    launcher: 'kubelet',
    prefix: [command, ...prefix],
    args: kubeletArgs(record, pki, place),
    ...filesOf(clusterPaths(record.name), name),
    ready: () => isHealthy(`https://${place.ip}:10250/healthz`, { ca: pki.ca, client: pki.apiserverKubeletClient }),
  });
}

function kubeletArgs(record: ClusterRecord, pki: ControlPlaneCertificates, place: Place): string[] {
  const { name: cluster, times } = record;
  const { name, ip, paths } = place;
  const { serving } = nodeCertificates(clusterPaths(cluster).pki, name);
  return flagWords({
    config: paths.kubeletConfig,
    kubeconfig: paths.kubeconfig,
    'hostname-override': name,
    'node-ip': ip,
    address: ip,
    port: '10250',
    'root-dir': paths.kubeletRoot,
    'pod-log-dir': paths.podLogs,
    ...(record.runtime === 'cri' ? { 'container-runtime-endpoint': `unix://${paths.containerdSocket}` } : nativeRuntimeFlags(place)),
    'subnet-file': record.network === 'flannel' ? paths.subnetFile : undefined,
    'cgroup-root': place.cgroupRoot,
    'tls-cert-file': serving.cert,
    'tls-private-key-file': serving.key,
    'client-ca-file': pki.ca,
    'cluster-dns': clusterNameservers(record).join(','),
    'cluster-domain': clusterDomain,
    'resolv-conf': record.resolvers.resolvConf,
    'node-lease-renew-interval': times.nodeLeaseRenewInterval,
  });
}

const nativeRuntimeFlags = (place: Place): Record<string, string> => ({ 'container-runtime': 'native', 'containerd-address': place.containerdAddress, ...nativePlaces(place) });

/** In the names that the kubelet and crictl give them. */
function nativePlaces({ paths, network, containerdNamespace }: Place): Record<string, string> {
  return {
    'containerd-namespace': containerdNamespace,
    'containerd-state-dir': paths.runtimeState,
    'toolchain-dir': toolchainDir(),
    'cni-conf-dir': paths.cniConf,
    'cni-bin-dir': join(toolchainDir(), 'cni/bin'),
    'cni-network': network,
    'nerdctl-data-root': paths.nerdctlData,
    'pod-infra-container-image': pauseRef,
  };
}
