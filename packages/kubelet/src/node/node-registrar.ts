import { isAlreadyExists, type Node, type NodeStatus, type Taint } from '@podling/shared/api';
import type { Client } from '@podling/shared/client';
import { architectureOf } from './machine-info.ts';

export interface NodeIdentity {
  name: string;
  labels: Readonly<Record<string, string>>;
  /** Beside the one that says that it is not ready yet. */
  taints: readonly Taint[];
  providerID?: string;
}

/** Creates the Node, tainted until it is ready, or takes over the one that is there. Upstream twin: kubelet `registerWithAPIServer`. */
export async function registerNode(client: Client, identity: NodeIdentity, podCidr: string | undefined, status: NodeStatus): Promise<Node> {
  try {
    return await client.nodes().create(newNode(identity, podCidr, status));
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
  return adopt(client, await client.nodes().get(identity.name), identity);
}

function newNode(identity: NodeIdentity, podCidr: string | undefined, status: NodeStatus): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: identity.name, labels: labelsOf(identity) },
    spec: {
      ...(podCidr === undefined ? {} : { podCIDR: podCidr, podCIDRs: [podCidr] }),
      ...(identity.providerID === undefined ? {} : { providerID: identity.providerID }),
      taints: [...identity.taints, { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }],
    },
    status,
  };
}

async function adopt(client: Client, node: Node, identity: NodeIdentity): Promise<Node> {
  const labels = labelsOf(identity);
  const same = Object.entries(labels).every(([key, value]) => node.metadata.labels?.[key] === value);
  if (same) return node;
  return client.nodes().patch(identity.name, { metadata: { labels } }, 'application/merge-patch+json');
}

function labelsOf({ name, labels }: NodeIdentity): Record<string, string> {
  return {
    'kubernetes.io/hostname': name,
    'kubernetes.io/os': 'linux',
    'kubernetes.io/arch': architectureOf(),
    ...labels,
  };
}
