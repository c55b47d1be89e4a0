import type { HostPort, Node, Pod } from '@podling/shared/api';

/** Amounts of what a node has and a pod asks for. Numbers: exact up to 8 PiB and far faster to add than bigint. */
export interface Resources {
  milliCpu: number;
  memoryBytes: number;
  ephemeralStorageBytes: number;
  /** Extended resources by name, whole units. */
  scalars: Readonly<Record<string, number>>;
}

/** A pod with what the plugins ask of it, computed once. */
export interface PodInfo {
  readonly pod: Pod;
  readonly requests: Resources;
  /** The requests used for scoring: a pod that asks for nothing still counts a little. */
  readonly scoringRequests: Pick<Resources, 'milliCpu' | 'memoryBytes'>;
}

/** One node as a scheduling cycle sees it: nothing changes during the cycle. */
export interface NodeInfo {
  readonly node: Node;
  readonly allocatable: Resources;
  readonly allocatablePods: number;
  readonly requested: Resources;
  readonly scoringRequested: Pick<Resources, 'milliCpu' | 'memoryBytes'>;
  readonly podCount: number;
  /** Host ports of its pods. */
  readonly usedPorts: readonly HostPort[];
}

/** A change that may make room for a pod that fitted nowhere. */
export type ClusterEvent =
  | 'NodeAdded'
  | 'NodeAllocatableChanged'
  | 'NodeLabelsChanged'
  | 'NodeTaintsChanged'
  | 'NodeUnschedulableChanged'
  | 'AssignedPodDeleted';

/** Why the pod cannot run on the node, in Kubernetes' words; empty when it can. */
export type NodeFilter = (node: NodeInfo) => readonly string[];

export interface FilterPlugin {
  readonly name: string;
  /** Changes that may turn this plugin's refusal. */
  readonly helpfulEvents: readonly ClusterEvent[];
  /** Prepares the check for one pod; undefined when the pod asks nothing of this plugin. */
  filterFor(pod: PodInfo): NodeFilter | undefined;
}

export const maxNodeScore = 100;

/** 0 … `maxNodeScore`, higher is better; any other range needs `normalize`. */
export type NodeScorer = (node: NodeInfo) => number;

export interface ScorePlugin {
  readonly name: string;
  readonly weight: number;
  scorerFor(pod: PodInfo): NodeScorer | undefined;
  /** Brings the raw scores of all candidates into 0 … `maxNodeScore`, in place. */
  normalize?(scores: number[]): void;
}
