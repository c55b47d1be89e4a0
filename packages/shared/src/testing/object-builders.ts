import type { Lease, Node, NodeCondition, Pod, PodSpec, Taint } from '../api/index.ts';
import { formatMicroTime } from '../api/meta.ts';

export interface PodParts {
  name?: string;
  namespace?: string;
  uid?: string;
  labels?: Record<string, string>;
  nodeName?: string;
  /** Requests of the one container. */
  requests?: Record<string, string>;
  deletionTimestamp?: string;
  phase?: NonNullable<Pod['status']>['phase'];
  /** Laid over the spec. */
  spec?: Partial<PodSpec>;
}

/** A pod with one container named `main`. */
export function buildPod(parts: PodParts = {}): Pod {
  const { name = 'pod', namespace = 'default', uid, labels, nodeName, requests, deletionTimestamp, phase = 'Pending' } = parts;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      ...(uid ? { uid } : {}),
      ...(labels ? { labels } : {}),
      ...(deletionTimestamp ? { deletionTimestamp } : {}),
    },
    spec: {
      containers: [{ name: 'main', image: 'podling.local/pause:1', ...(requests ? { resources: { requests } } : {}) }],
      ...(nodeName ? { nodeName } : {}),
      schedulerName: 'default-scheduler',
      ...parts.spec,
    },
    status: { phase },
  };
}

export interface NodeParts {
  name?: string;
  uid?: string;
  labels?: Record<string, string>;
  taints?: Taint[];
  unschedulable?: boolean;
  allocatable?: Record<string, string>;
  conditions?: NodeCondition[];
}

/** A Ready node with 4 cores, 8 GiB and room for 110 pods. */
export function buildNode(parts: NodeParts = {}): Node {
  const { name = 'node', uid, labels, taints, unschedulable } = parts;
  const allocatable = { cpu: '4', memory: '8Gi', 'ephemeral-storage': '20Gi', pods: '110', ...parts.allocatable };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, ...(uid ? { uid } : {}), labels: { 'kubernetes.io/hostname': name, ...labels } },
    spec: { ...(taints ? { taints } : {}), ...(unschedulable ? { unschedulable } : {}) },
    status: { allocatable, capacity: allocatable, conditions: parts.conditions ?? [{ type: 'Ready', status: 'True', reason: 'KubeletReady' }] },
  };
}

/** The Lease a kubelet renews for its node. */
export function buildNodeLease(nodeName: string, renewedMs: number): Lease {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: nodeName, namespace: 'kube-node-lease' },
    spec: { holderIdentity: nodeName, leaseDurationSeconds: 40, renewTime: formatMicroTime(new Date(renewedMs)) },
  };
}
