import { rmSync } from 'node:fs';
import { controlPlaneCertificates } from '../pki/index.ts';
import { bringUp } from './bring-up.ts';
import type { UpOptions } from './bring-up.ts';
import { withClusterLock } from './cluster-lock.ts';
import type { WaitOptions } from './cluster-lock.ts';
import { checkClusterName, defaultClusterName } from './cluster-names.ts';
import { clusterPaths, runRoot } from './cluster-paths.ts';
import type { ClusterPaths } from './cluster-paths.ts';
import { readRecord } from './cluster-record.ts';
import type { ClusterRecord } from './cluster-record.ts';
import { adminIdentity, apiserverUrl, controlPlaneProcesses, etcdUrl } from './control-plane.ts';
import type { ControlPlaneProcesses } from './control-plane.ts';
import type { HttpsIdentity } from './https-json.ts';
import type { ManagedProcess } from './managed-process.ts';
import { importImage } from './node-images.ts';
import { clusterNode, nodeProcesses } from './node-processes.ts';
import type { ClusterNode } from './node-processes.ts';
import { removeEmptyFolder } from './remains.ts';
import { requireRoot } from './require-root.ts';
import { clusterStatus } from './status.ts';
import type { ClusterStatus } from './status.ts';
import { takeDown } from './take-down.ts';
import type { DownOptions } from './take-down.ts';

/** What a cluster is made of. Raised as NoSuchClusterError while it has never been up. */
export interface ClusterParts {
  record: ClusterRecord;
  control: ControlPlaneProcesses;
  nodes: ClusterNode[];
  identities: { admin: HttpsIdentity; etcd: HttpsIdentity };
}

/**
 * A cluster on this machine. Everything it has derives from its name, so several live side by side; whoever opens it by
 * the same name sees the same cluster.
 */
export interface Cluster {
  readonly name: string;
  readonly paths: ClusterPaths;
  /** The parts below are there once the cluster has been up. */
  readonly kubeconfigPath: string;
  readonly nodes: ClusterNode[];
  readonly processes: ManagedProcess[];
  readonly apiserverUrl: string;
  readonly etcdUrl: string;
  /** Client certificates of the administrator (apiserver) and of the apiserver (etcd). */
  readonly identities: { admin: HttpsIdentity; etcd: HttpsIdentity };
  /** `etcd`, `apiserver`, `scheduler`, `controller-manager`, `coredns`, or `containerd`, `flanneld`, `kubelet` with `/NODE`. */
  process(name: string): ManagedProcess;
  /** Brings it up and waits until every node is Ready. Idempotent; adds nodes when `nodes` grows. */
  up(options?: UpOptions): Promise<void>;
  /** Stops everything and keeps the data, or leaves nothing (`purge`). Idempotent. */
  down(options?: DownOptions): Promise<void>;
  /** Stops a process and starts it again. */
  restart(name: string): Promise<void>;
  /** Imports an image archive on every node. */
  load(tar: string): Promise<void>;
  status(): Promise<ClusterStatus>;
}

/** Raised when a cluster has no record on this machine. */
export class NoSuchClusterError extends Error {
  override name = 'NoSuchClusterError';
}

/** Raised for a process name that the cluster does not have. */
export class NoSuchProcessError extends Error {
  override name = 'NoSuchProcessError';
}

/** Opens a cluster by name; it need not exist yet. */
export function openCluster(name: string = defaultClusterName): Cluster {
  checkClusterName(name);
  const paths = clusterPaths(name);
  const parts = (): ClusterParts => partsOf(name);
  const locked = <T>(action: () => Promise<T>, options: WaitOptions): Promise<T> => withClusterLock(paths.lock, action, options);
  return {
    name,
    paths,
    get kubeconfigPath() {
      recordOf(name);
      return paths.adminKubeconfig;
    },
    get nodes() {
      return parts().nodes;
    },
    get processes() {
      return processesOf(parts());
    },
    get apiserverUrl() {
      return apiserverUrl(parts().record);
    },
    get etcdUrl() {
      return etcdUrl(parts().record);
    },
    get identities() {
      return parts().identities;
    },
    process: (wanted) => processOf(parts(), wanted),
    up: async (options = {}) => {
      requireRoot('a local cluster');
      await locked(() => bringUp(name, options), options);
    },
    down: async (options = {}) => {
      requireRoot('a local cluster');
      if (readRecord(name)) await locked(() => takeDown(parts(), options), options);
      else removeRest(paths, options);
      if (options.purge) removeEmptyFolder(runRoot);
    },
    restart: async (wanted) => {
      const part = processOf(parts(), wanted);
      await part.stop();
      await part.start();
    },
    load: async (tar) => {
      await Promise.all(parts().nodes.map((node) => importImage(node, tar)));
    },
    status: () => clusterStatus(parts()),
  };
}

function recordOf(name: string): ClusterRecord {
  const record = readRecord(name);
  if (record) return record;
  throw new NoSuchClusterError(`there is no cluster "${name}" on this machine: bring it up with "npm run cluster -- up --name ${name}"`);
}

function partsOf(name: string): ClusterParts {
  const record = recordOf(name);
  const pki = controlPlaneCertificates(clusterPaths(name).pki);
  return {
    record,
    control: controlPlaneProcesses(record, pki),
    nodes: Array.from({ length: record.nodes }, (_, index) => clusterNode(record, pki, index + 1)),
    identities: { admin: adminIdentity(pki), etcd: { ca: pki.etcdCa, client: pki.apiserverEtcdClient } },
  };
}

function processesOf({ control, nodes }: ClusterParts): ManagedProcess[] {
  return [...(Object.values(control) as ManagedProcess[]), ...nodes.flatMap(nodeProcesses)];
}

function processOf(parts: ClusterParts, wanted: string): ManagedProcess {
  const all = processesOf(parts);
  const found = all.find(({ name }) => name === wanted);
  if (found) return found;
  throw new NoSuchProcessError(`no process "${wanted}"; there are: ${all.map(({ name }) => name).join(', ')}`);
}

/** An `up` that failed before it wrote its record leaves at most a folder. */
function removeRest(paths: ClusterPaths, { purge = false }: DownOptions): void {
  if (purge) rmSync(paths.data, { recursive: true, force: true });
}
