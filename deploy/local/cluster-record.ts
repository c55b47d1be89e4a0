import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ask } from '../exec.ts';
import { withLock } from '../lock.ts';
import { chooseNetworks, chooseServiceNetwork, nthAddress } from './choose-networks.ts';
import type { Networks } from './choose-networks.ts';
import { clusterPaths, dataRoot, runRoot } from './cluster-paths.ts';
import { noResolvers, readResolvers } from './resolvers.ts';
import type { Resolvers } from './resolvers.ts';

/** Kubernetes' times for the life of a node, as durations (`12s`). Absent: Kubernetes' own values (50s, 10s). */
export interface NodeTimes {
  nodeMonitorGracePeriod?: string;
  nodeLeaseRenewInterval?: string;
}

/** What runs a cluster's containers: our own layer over nerdctl and containerd, or containerd's CRI. */
export type ClusterRuntime = 'native' | 'cri';
/** What connects its pods: flannel's vxlan, or a CNI bridge on each node with routes between them. */
export type ClusterNetwork = 'flannel' | 'bridge';

/** What is decided once per cluster and kept in `cluster.json`. */
export interface ClusterRecord {
  name: string;
  networks: Networks;
  /** How many nodes the cluster has had; `up` without a number brings back as many. */
  nodes: number;
  runtime: ClusterRuntime;
  network: ClusterNetwork;
  times: NodeTimes;
  /** The nodes' own resolv.conf, where one was given. */
  resolvConf?: string;
  /** The nodes' own resolvers, looked up anew at each `up`. */
  resolvers: Resolvers;
}

export interface RecordOptions extends NodeTimes {
  /** How many nodes there are at the end; a cluster never shrinks. Default: as many as it had, else 1. */
  nodes?: number;
  /** A cluster keeps its runtime and its network. Default: those that it has, else native and flannel. */
  runtime?: ClusterRuntime;
  network?: ClusterNetwork;
  /** The nodes' own resolv.conf. Default: the one given before, else the machine's. */
  resolvConf?: string;
}

/** Raised when a cluster would have to be made anew to be what is wanted. */
export class ClusterDiffersError extends Error {
  override name = 'ClusterDiffersError';
}

/** Reads a cluster's record; undefined when there is no such cluster. */
export function readRecord(name: string): ClusterRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(clusterPaths(name).record, 'utf8')) as ClusterRecord;
    return { ...record, runtime: record.runtime ?? 'native', network: record.network ?? 'flannel', resolvers: record.resolvers ?? noResolvers };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Reads or makes the record, raises its number of nodes and takes over the times given. Networks are chosen under a lock that all clusters share. */
export async function ensureRecord(name: string, { nodes = 1, runtime, network, resolvConf, ...times }: RecordOptions): Promise<ClusterRecord> {
  return withLock(`${runRoot}/.networks.lock`, async () => {
    const existing = readRecord(name);
    const ownResolvConf = resolvConf ?? existing?.resolvConf;
    const record: ClusterRecord = {
      name,
      networks: await networksOf(name, existing?.networks),
      nodes: Math.max(existing?.nodes ?? 1, nodes),
      runtime: kept(name, 'runtime', existing?.runtime, runtime) ?? 'native',
      network: kept(name, 'network', existing?.network, network) ?? 'flannel',
      times: { ...existing?.times, ...times },
      ...(ownResolvConf === undefined ? {} : { resolvConf: ownResolvConf }),
      resolvers: readResolvers(ownResolvConf),
    };
    await writeRecord(record);
    return record;
  });
}

function kept<T extends string>(cluster: string, what: string, existing: T | undefined, wanted: T | undefined): T | undefined {
  if (existing !== undefined && wanted !== undefined && existing !== wanted) {
    throw new ClusterDiffersError(`cluster "${cluster}" has the ${what} ${existing}: take it down with --purge first, or give the one with ${wanted} another --name`);
  }
  return existing ?? wanted;
}

/** Names of the clusters that have data on this machine. */
export function clusterNames(): string[] {
  if (!existsSync(dataRoot)) return [];
  return readdirSync(dataRoot, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
}

/** The address of the bridge, where the control plane listens. */
export const controlPlaneIp = (record: ClusterRecord): string => nthAddress(record.networks.node, 1);

/** The address of a node, counted from 1. */
export const nodeIp = (record: ClusterRecord, nodeIndex: number): string => nthAddress(record.networks.node, 10 + nodeIndex);

/** The pods of a node on the bridge network: the nth /24 of the cluster's. flanneld leases its own. */
export const bridgePodCidr = (record: ClusterRecord, nodeIndex: number): string => `${nthAddress(record.networks.pod, 256 * nodeIndex)}/24`;

/** The first address of the service network: `default/kubernetes`. */
export const kubernetesServiceIp = (record: ClusterRecord): string => nthAddress(record.networks.service, 1);

/** A cluster that was made before there were services gets a range for them. */
async function networksOf(name: string, existing: (Omit<Networks, 'service'> & Partial<Networks>) | undefined): Promise<Networks> {
  if (existing === undefined) return chooseNetworks(name, await networksInUse());
  const { node, pod, service } = existing;
  return { node, pod, service: service ?? chooseServiceNetwork([...(await networksInUse()), pod]) };
}

async function writeRecord(record: ClusterRecord): Promise<void> {
  const { record: path } = clusterPaths(record.name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.${process.pid}`, `${JSON.stringify(record, undefined, 2)}\n`);
  await rename(`${path}.${process.pid}`, path);
}

async function networksInUse(): Promise<string[]> {
  const routes = JSON.parse((await ask('ip', ['-j', '-4', 'route', 'show', 'table', 'all'])) || '[]') as { dst: string }[];
  const records = clusterNames().map(readRecord);
  return [...routes.map(({ dst }) => dst), ...records.flatMap((record) => (record ? [record.networks.node, record.networks.pod] : []))];
}
