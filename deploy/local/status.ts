import type { ClusterNetwork, ClusterRecord, ClusterRuntime } from './cluster-record.ts';
import { apiserverUrl } from './control-plane.ts';
import type { ControlPlaneProcesses } from './control-plane.ts';
import { askHttps } from './https-json.ts';
import type { HttpsIdentity } from './https-json.ts';
import type { ManagedProcess } from './managed-process.ts';
import { nodeProcesses, podCidrOf } from './node-processes.ts';
import type { ClusterNode } from './node-processes.ts';

/** How a cluster is: its processes on this machine, and its nodes as the apiserver sees them. */
export interface ClusterStatus {
  name: string;
  running: boolean;
  runtime: ClusterRuntime;
  network: ClusterNetwork;
  server: string;
  processes: { name: string; pid: number | undefined; logPath: string }[];
  nodes: { name: string; ip: string; podCidr: string | undefined; ready: ReadyState }[];
}

/** `unknown` when the apiserver does not answer, `absent` when it has no such Node. */
export type ReadyState = 'Ready' | 'NotReady' | 'absent' | 'unknown';

interface Parts {
  record: ClusterRecord;
  control: ControlPlaneProcesses;
  nodes: ClusterNode[];
  identities: { admin: HttpsIdentity };
}

/** Looks at a cluster; changes nothing. */
export async function clusterStatus({ record, control, nodes, identities }: Parts): Promise<ClusterStatus> {
  const parts = [...(Object.values(control) as ManagedProcess[]), ...nodes.flatMap(nodeProcesses)];
  const server = apiserverUrl(record);
  const processes = parts.map(({ name, pid, logPath }) => ({ name, pid, logPath }));
  return {
    name: record.name,
    running: processes.every(({ pid }) => pid !== undefined),
    runtime: record.runtime,
    network: record.network,
    server,
    processes,
    nodes: await Promise.all(
      nodes.map(async (node) => ({ name: node.name, ip: node.ip, podCidr: await podCidrOf(record, node), ready: await nodeReady(server, identities.admin, node.name) })),
    ),
  };
}

/** Asks the apiserver for a Node's Ready condition. */
export async function nodeReady(server: string, admin: HttpsIdentity, name: string): Promise<ReadyState> {
  try {
    const { status, body } = await askHttps(`${server}/api/v1/nodes/${name}`, admin);
    if (status === 404) return 'absent';
    return status === 200 ? readyCondition(body) : 'unknown';
  } catch {
    return 'unknown';
  }
}

function readyCondition(json: string): ReadyState {
  const node = JSON.parse(json) as { status?: { conditions?: { type: string; status: string }[] } };
  const ready = node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
  return ready ? 'Ready' : 'NotReady';
}
